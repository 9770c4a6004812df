import {abs, sqrt, square, sum, type Tensor, tidy} from '@tensorflow/tfjs-core';

import {readWeight} from '../../mask';
import {otherAxes, reducePlaces, sumByChannel} from '../by_channel';
import type {ChannelMember} from '../graph/channel_groups';
import type {Measure} from './measure';

/** ‖w‖₁ of a channel's slice of each kernel (Li et al. 2017, https://arxiv.org/abs/1608.08710). */
export const l1 = /* @__PURE__ */ sumOf('producer', abs);

/** ‖w‖₂ of a channel's slice of each kernel. */
export const l2 = /* @__PURE__ */ sumOf('producer', square, sqrt);

/** |γ| of the normalizations after it (Liu et al. 2017, https://arxiv.org/abs/1708.06519). */
export const gamma = /* @__PURE__ */ sumOf('scale', abs);

/** What elements of a channel's weights of a role add up to. */
function sumOf(
  role: ChannelMember['role'],
  ofElement: (weight: Tensor) => Tensor,
  ofSum = (total: Tensor) => total,
): Measure {
  return (groups, {reduce}) =>
    groups.map(({group: {members, size}}) =>
      tidy(() => {
        const places = members.filter((member) => member.role === role);
        const scores = places.map((member) => {
          const elements = ofElement(readWeight(member.variable));
          const sums = sum(elements, otherAxes(elements, member));
          return {
            scores: ofSum(sumByChannel(sums, member.channels, size)),
            channels: member.channels,
          };
        });
        return reducePlaces(scores, size, reduce);
      }),
    );
}

import {abs, sqrt, square, sum, type Tensor, tidy} from '@tensorflow/tfjs-core';

import {readWeight} from '../../model/read_weight';
import {otherAxes, reducePlaces, sumByChannel} from '../by_channel';
import type {ChannelMember} from '../groups/channel_groups';
import type {Measure} from './measure';

/** ‖w‖₁ of a channel's slice of each kernel (Li et al. 2017, https://arxiv.org/abs/1608.08710). */
export const l1 = /* @__PURE__ */ sumOf(['producer'], abs);

/** ‖w‖₂ of a channel's slice of each kernel. */
export const l2 = /* @__PURE__ */ sumOf(['producer'], square, {ofPlace: sqrt});

/**
 * ‖w‖₂ of a channel's slices of all that would go with it: the kernels that make
 * it, the gammas, and the kernels that filter and read it; the root of the mean or
 * the sum of their squares (Fang et al. 2023, https://arxiv.org/abs/2301.12900).
 */
export const groupL2 = /* @__PURE__ */ sumOf(
  ['producer', 'scale', 'depthwise', 'consumer'],
  square,
  {ofChannel: sqrt},
);

/** |γ| of the normalizations after it (Liu et al. 2017, https://arxiv.org/abs/1708.06519). */
export const gamma = /* @__PURE__ */ sumOf(['scale'], abs);

/** What elements of a channel's weights of some roles add up to, in each place and in all. */
function sumOf(
  roles: ReadonlyArray<ChannelMember['role']>,
  ofElement: (weight: Tensor) => Tensor,
  {ofPlace = same, ofChannel = same} = {},
): Measure {
  return (groups, {reduce}) =>
    groups.map(({group: {members, size}}) =>
      tidy(() => {
        const places = members.filter(({role}) => roles.includes(role));
        const scores = places.map((member) => {
          const elements = ofElement(readWeight(member.variable));
          const sums = sum(elements, otherAxes(elements, member));
          return {
            scores: ofPlace(sumByChannel(sums, member.channels, size)),
            channels: member.channels,
          };
        });
        return ofChannel(reducePlaces(scores, size, reduce));
      }),
    );
}

function same(values: Tensor): Tensor {
  return values;
}

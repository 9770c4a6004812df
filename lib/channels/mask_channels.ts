import {mul, ones, type Tensor, tensor, tidy} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {maskOf, setMask} from '../projection/mask';
import type {ChannelGroup, ChannelMember} from './groups/channel_groups';

/** Roles of weights that are zero in a channel that is masked. */
const ZEROED: ReadonlySet<ChannelMember['role']> = new Set([
  'producer',
  'scale',
  'offset',
  'depthwise',
]);

/**
 * Masks channels of `group`: their slices of kernels, biases, gammas, betas and
 * moving means become zero, until `stripPruning` for good. Other masks on the
 * same weights stay as they are.
 *
 * @param channels Numbers of channels, each in [0, size).
 * @throws PruningError for a channel that is not in the group or must stay.
 * @example
 * const [first] = channelGroups(model);
 * maskChannels(first, [0, 3]);
 * const smaller = await shrink(model);
 */
export function maskChannels(group: ChannelGroup, channels: Iterable<number>): void {
  const gone = new Set(channels);
  for (const channel of gone) {
    check(
      Number.isInteger(channel) && channel >= 0 && channel < group.size,
      'channels',
      `indices of channels in [0, ${group.size}) of group '${group.name}'`,
      channel,
    );
    const reason = group.reasons[channel];
    check(
      reason === undefined,
      'channels',
      `channels of group '${group.name}' that can be pruned`,
      `${channel}: ${reason}`,
    );
  }
  if (gone.size > 0) {
    for (const member of zeroedMembers(group)) {
      const {variable} = member;
      const mask = tidy(() =>
        mul(maskOf(variable) ?? ones(variable.shape as number[]), slicesKept(member, gone)),
      );
      setMask(variable, mask);
    }
  }
}

/** The weights of `group` that are zero in a channel that is masked. */
export function zeroedMembers({members}: ChannelGroup): ChannelMember[] {
  return members.filter(({role}) => ZEROED.has(role));
}

/** 0 at the positions of channels that are gone and 1 elsewhere, to be multiplied with the weight. */
export function slicesKept(
  {variable, axis, channels}: ChannelMember,
  gone: ReadonlySet<number>,
): Tensor {
  const along = variable.shape.map((size, i) => (i === axis ? (size as number) : 1));
  return tensor(
    Float32Array.from(channels, (channel) => (gone.has(channel) ? 0 : 1)),
    along,
  );
}

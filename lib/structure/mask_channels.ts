import {mul, ones, tensor, tidy} from '@tensorflow/tfjs-core';

import {maskOf, setMask} from '../mask';
import {check} from '../validate';
import type {ChannelGroup, ChannelMember} from './channel_groups';

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
      `numbers of channels in [0, ${group.size}) of group '${group.name}'`,
      channel,
    );
    const reason = group.reasons[channel];
    check(
      reason === undefined,
      'channels',
      `channels of group '${group.name}' that can go`,
      `${channel}: ${reason}`,
    );
  }
  if (gone.size > 0) {
    group.members.filter(({role}) => ZEROED.has(role)).forEach((member) => mask(member, gone));
  }
}

function mask({variable, axis, channels}: ChannelMember, gone: ReadonlySet<number>): void {
  const shape = variable.shape as number[];
  const along = shape.map((size, i) => (i === axis ? size : 1));
  const kept = Float32Array.from(channels, (channel) => (gone.has(channel) ? 0 : 1));
  setMask(
    variable,
    tidy(() => mul(maskOf(variable) ?? ones(shape), tensor(kept, along))),
  );
}

import type {Tensor} from '@tensorflow/tfjs-core';
import {addN, concat, max, ones, tidy} from '@tensorflow/tfjs-core';

import {maskOf} from '../mask';
import {otherAxes, sumByChannel} from './by_channel';
import type {ChannelGroup, ChannelMember} from './channel_groups';

/**
 * The channels of each group that are masked: in every weight that makes them,
 * by whatever callback. One small read, or none for groups without masks.
 */
export async function maskedChannels(groups: readonly ChannelGroup[]): Promise<Set<number>[]> {
  const masked = groups.filter((group) =>
    makers(group).some(({variable}) => maskOf(variable) !== undefined),
  );
  if (masked.length === 0) {
    return groups.map(() => new Set());
  }
  const kept = tidy(() => concat(masked.map(keptWeights)));
  const read = await kept.data();
  kept.dispose();
  let offset = 0;
  return groups.map((group) => {
    if (!masked.includes(group)) {
      return new Set();
    }
    const own = read.subarray(offset, (offset += group.size));
    return new Set(Array.from(own).flatMap((count, i) => (count === 0 ? [i] : [])));
  });
}

/** For each channel, the number of slices that makes it and is not wholly masked. */
function keptWeights(group: ChannelGroup): Tensor {
  return addN(
    makers(group).map((member) => {
      const mask = maskOf(member.variable);
      const slices = mask ? max(mask, otherAxes(mask, member)) : ones([member.channels.length]);
      return sumByChannel(slices, member.channels, group.size);
    }),
  );
}

function makers({members}: ChannelGroup): ChannelMember[] {
  return members.filter(({role}) => role === 'producer');
}

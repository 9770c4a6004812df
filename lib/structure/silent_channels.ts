import type {Tensor} from '@tensorflow/tfjs-core';
import {addN, cast, concat, equal, max, ones, sub, tidy} from '@tensorflow/tfjs-core';

import {maskOf} from '../mask';
import {otherAxes, sumByChannel} from './by_channel';
import type {ChannelGroup, ChannelMember} from './channel_groups';
import {zeroSlices} from './effective_weight';
import {zeroedMembers} from './mask_channels';

/**
 * The channels of each group that are masked: in every weight that makes them,
 * by whatever callback. One small read, or none for groups without masks.
 */
export async function maskedChannels(groups: readonly ChannelGroup[]): Promise<Set<number>[]> {
  const masked = groups.filter(isMasked);
  const found = await read(masked, () => silent(masked, keptSlices));
  return groups.map((group) => new Set(found[masked.indexOf(group)]));
}

/**
 * The channels of each group that are as a mask would leave them, masked or not.
 * One small read.
 */
export async function zeroChannels(groups: readonly ChannelGroup[]): Promise<Set<number>[]> {
  const found = await read(groups, () => silent(groups, nonZeroSlices, zeroedMembers));
  return found.map((channels) => new Set(channels));
}

/**
 * int32, for each channel of each group, one after the other: 1 where no layer
 * makes anything of it, since it is zero in every weight that could.
 */
export function silentFlags(groups: readonly ChannelGroup[]): Tensor {
  return silent(groups, nonZeroSlices);
}

/** The numbers of the channels whose flag is set, for each group. */
export function flagged(groups: readonly ChannelGroup[], flags: ArrayLike<number>): number[][] {
  let offset = 0;
  return groups.map(({size}) => {
    const begin = offset;
    offset += size;
    return Array.from({length: size}, (_, i) => i).filter((i) => flags[begin + i] !== 0);
  });
}

/** Whether a weight that makes channels of the group has a mask. */
export function isMasked(group: ChannelGroup): boolean {
  return makersOf(group).some(({variable}) => maskOf(variable) !== undefined);
}

/** 1 for each channel of which `slices` are 0 in all members. */
function silent(
  groups: readonly ChannelGroup[],
  slices: (member: ChannelMember) => Tensor,
  membersOf = makersOf,
): Tensor {
  return tidy(() =>
    concat(
      groups.map((group) => {
        const alive = membersOf(group).map((member) =>
          sumByChannel(slices(member), member.channels, group.size),
        );
        return cast(equal(addN(alive), 0), 'int32');
      }),
    ),
  );
}

function nonZeroSlices({variable, axis}: ChannelMember): Tensor {
  return sub(1, zeroSlices(variable, axis));
}

function keptSlices(member: ChannelMember): Tensor {
  const mask = maskOf(member.variable);
  return mask ? max(mask, otherAxes(mask, member)) : ones([member.channels.length]);
}

async function read(groups: readonly ChannelGroup[], flags: () => Tensor): Promise<number[][]> {
  if (groups.length === 0) {
    return [];
  }
  const tensor = flags();
  try {
    return flagged(groups, await tensor.data());
  } finally {
    tensor.dispose();
  }
}

function makersOf({members}: ChannelGroup): ChannelMember[] {
  return members.filter(({role}) => role === 'producer');
}

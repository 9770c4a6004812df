import type {Tensor} from '@tensorflow/tfjs-core';
import {addN, cast, equal, max, ones, sub} from '@tensorflow/tfjs-core';

import {readVectors} from '../base/read_vectors';
import {zeroSlices} from '../projection/effective_weight';
import {maskOf} from '../projection/mask';
import {otherAxes, sumByChannel} from './by_channel';
import type {ChannelGroup, ChannelMember} from './groups/channel_groups';
import {zeroedMembers} from './mask_channels';

/**
 * The channels of each group that are masked: in every weight that makes them,
 * by whatever callback. One small read, or none for groups without masks.
 */
export async function maskedChannels(groups: readonly ChannelGroup[]): Promise<Set<number>[]> {
  const masked = groups.filter(isMasked);
  if (masked.length === 0) {
    return groups.map(() => new Set());
  }
  const flags = await readVectors<'int32'>(() => flagsOf(masked, keptSlices));
  return groups.map((group) => new Set(flagged(flags[masked.indexOf(group)] ?? [])));
}

/**
 * The channels of each group that are as a mask would leave them, masked or not;
 * none of a group that is zero as a whole, since it was not pruned but starts so.
 * One small read.
 */
export async function zeroChannels(groups: readonly ChannelGroup[]): Promise<Set<number>[]> {
  const flags = await readVectors<'int32'>(() => flagsOf(groups, nonZeroSlices, zeroedMembers));
  return flags.map((each) => new Set(each.includes(0) ? flagged(each) : []));
}

/**
 * For each group int32 of shape `[size]`: 1 for a channel of which no layer makes
 * anything, since it is zero in every weight that could.
 */
export function silentFlags(groups: readonly ChannelGroup[]): Tensor[] {
  return flagsOf(groups, nonZeroSlices);
}

/** The numbers of the channels whose flag is set. */
export function flagged(flags: ArrayLike<number>): number[] {
  return Array.from(flags).flatMap((flag, channel) => (flag === 0 ? [] : [channel]));
}

/** Whether a weight that makes channels of the group has a mask. */
export function isMasked(group: ChannelGroup): boolean {
  return makersOf(group).some(({variable}) => maskOf(variable) !== undefined);
}

/** 1 for each channel of which `slices` are 0 in all members. */
function flagsOf(
  groups: readonly ChannelGroup[],
  slices: (member: ChannelMember) => Tensor,
  membersOf = makersOf,
): Tensor[] {
  return groups.map((group) => {
    const alive = membersOf(group).map((member) =>
      sumByChannel(slices(member), member.channels, group.size),
    );
    return cast(equal(addN(alive), 0), 'int32');
  });
}

function nonZeroSlices({variable, axis}: ChannelMember): Tensor {
  return sub(1, zeroSlices(variable, axis));
}

function keptSlices(member: ChannelMember): Tensor {
  const mask = maskOf(member.variable);
  return mask ? max(mask, otherAxes(mask, member)) : ones([member.channels.length]);
}

function makersOf({members}: ChannelGroup): ChannelMember[] {
  return members.filter(({role}) => role === 'producer');
}

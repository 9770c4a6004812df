import type {ChannelGroup} from './groups/channel_groups';
import {flagged, isMasked} from './silent_channels';

/** What is zero, and what must stay, among channels that are pruned together. */
export interface ChannelSparsity {
  /** Path of the first layer that makes the channels: `'block/conv2d_1'`. */
  name: string;
  /** Paths of all layers that make them. */
  layers: readonly string[];
  /** Number of channels. */
  size: number;
  /** Numbers of the channels of which no layer makes anything: `shrink` removes those that can go. */
  zero: number[];
  /** zero.length / size. */
  sparsity: number;
  /** Whether a callback holds a mask on weights that make them. */
  masked: boolean;
  /** Why all of them must stay, if so. */
  frozen: string | undefined;
  /** Where some can go: the channels that must stay, and why. */
  kept: Array<{
    /** The channel's number, from 0. */
    channel: number;
    /** Why it must stay. */
    reason: string;
  }>;
}

/** @param flags For each group, 1 for each channel of which no layer makes anything. */
export function describeChannels(
  groups: readonly ChannelGroup[],
  flags: ReadonlyArray<ArrayLike<number>>,
): ChannelSparsity[] {
  return groups.map((group, i) => {
    const {name, layers, size, frozen, reasons} = group;
    const zero = flagged(flags[i]);
    const kept = reasons.flatMap((reason, channel) =>
      reason === undefined || frozen !== undefined ? [] : [{channel, reason}],
    );
    const masked = isMasked(group);
    return {name, layers, size, zero, sparsity: zero.length / size, masked, frozen, kept};
  });
}

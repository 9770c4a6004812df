import type {ChannelGroup} from './groups/channel_groups';
import {flagged, isMasked} from './silent_channels';

/** Channels that are pruned together: which are zero, and which must stay. */
export interface ChannelSparsity {
  /** Path of the first layer that produces the channels: `'block/conv2d_1'`. */
  name: string;
  /** Paths of all layers that produce them. */
  layers: readonly string[];
  /** Number of channels. */
  size: number;
  /**
   * Indices of the channels that are zero in all layers; `shrink` removes those that need
   * not stay.
   */
  zero: number[];
  /** zero.length / size. */
  sparsity: number;
  /** Whether a mask of a callback holds on weights that produce them. */
  masked: boolean;
  /** Why all of them must stay; `undefined` if some can be pruned. */
  frozen: string | undefined;
  /** If some can be pruned: the channels that must stay, and why. */
  kept: Array<{
    /** The channel's index, from 0. */
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

import type {Tensor} from '@tensorflow/tfjs-core';
import {
  addN,
  concat,
  div,
  gather,
  max,
  mul,
  reshape,
  sum,
  tensor1d,
  zeros,
} from '@tensorflow/tfjs-core';

import type {ChannelMember} from './groups/channel_groups';

/** How the scores of a channel in several places make one. */
export type Reduce = 'mean' | 'sum';

/** Scores of channels in one place, and the channel at each position there. */
export interface PlaceScores {
  readonly scores: Tensor;
  readonly channels: readonly number[];
}

/**
 * Adds up, for each channel of a group, what its positions along an axis have.
 *
 * @param values float32 of shape `[positions]`.
 * @param channels The channel's number at each position, −1 for none of the group.
 * @param size Number of channels of the group.
 * @returns float32 of shape `[size]`.
 */
export function sumByChannel(values: Tensor, channels: readonly number[], size: number): Tensor {
  if (channels.length === size && channels.every((channel, i) => channel === i)) {
    return values;
  }
  const positions = positionsOf(channels, size);
  const most = Math.max(1, ...positions.map(({length}) => length));
  // The position behind the last is one of zeros.
  const padded = positions.flatMap((each) =>
    Array.from({length: most}, (_, i) => each[i] ?? channels.length),
  );
  const own = gather(concat([values, zeros([1])]), tensor1d(padded, 'int32'));
  return sum(reshape(own, [size, most]), 1);
}

/** As `sumByChannel`, the largest of them; 0 for a channel without a position. */
export function maxByChannel(values: Tensor, channels: readonly number[], size: number): Tensor {
  const positions = positionsOf(channels, size);
  const most = Math.max(...positions.map(({length}) => length));
  const padded = positions.flatMap((each) =>
    Array.from({length: most}, (_, i) => each[Math.min(i, each.length - 1)] ?? 0),
  );
  const largest = max(reshape(gather(values, tensor1d(padded, 'int32')), [size, most]), 1);
  return mul(largest, tensor1d(positions.map(({length}) => Math.sign(length))));
}

/** The positions of each channel. */
export function positionsOf(channels: readonly number[], size: number): number[][] {
  const positions = Array.from({length: size}, (): number[] => []);
  channels.forEach((channel, position) => channel >= 0 && positions[channel].push(position));
  return positions;
}

/** Adds up or averages, for each channel, its scores in the places in which it is. */
export function reducePlaces(places: readonly PlaceScores[], size: number, reduce: Reduce): Tensor {
  const total = addN(places.map(({scores}) => scores));
  if (reduce === 'sum') {
    return total;
  }
  const counts = new Float32Array(size);
  for (const {channels} of places) {
    new Set(channels).forEach((channel) => channel >= 0 && ++counts[channel]);
  }
  return div(total, tensor1d(counts));
}

/** The axes of a weight other than the one with the channels. */
export function otherAxes(weight: Tensor, {axis}: Pick<ChannelMember, 'axis'>): number[] {
  return weight.shape.map((_, i) => i).filter((i) => i !== axis);
}

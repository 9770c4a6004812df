import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  addN,
  concat,
  div,
  gather,
  max,
  maximum,
  mul,
  reshape,
  sum,
  tensor1d,
  zeros,
} from '@tensorflow/tfjs-core';

import type {ChannelMember} from './groups/channel_groups';

/**
 * How to combine the scores of a channel in several places: their mean, sum, maximum or
 * product, or the score of the first place.
 */
export type Reduce = 'mean' | 'sum' | 'max' | 'prod' | 'first';

/** The values of `Reduce`. */
export const REDUCTIONS = ['mean', 'sum', 'max', 'prod', 'first'] as const;

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

/** Makes one score, for each channel, of those in the places in which it is. */
export function reducePlaces(places: readonly PlaceScores[], size: number, reduce: Reduce): Tensor {
  const scores = places.map((place) => place.scores);
  const isIn = places.map(({channels}) => {
    const flags = new Float32Array(size);
    channels.forEach((channel) => channel >= 0 && (flags[channel] = 1));
    return flags;
  });
  switch (reduce) {
    case 'sum':
      return addN(scores);
    case 'mean': {
      const counts = Float32Array.from({length: size}, (_, i) =>
        isIn.reduce((count, flags) => count + flags[i], 0),
      );
      return div(addN(scores), tensor1d(counts));
    }
    case 'max':
      return scores.reduce((one, other) => maximum(one, other));
    case 'prod': {
      // A channel that is not in a place has 1 there.
      const factors = scores.map((own, i) => add(own, tensor1d(isIn[i].map((flag) => 1 - flag))));
      return factors.reduce((one, other) => mul(one, other));
    }
    case 'first': {
      const first = isIn.map((flags, place) =>
        flags.map((flag, i) => (isIn.findIndex((each) => each[i] === 1) === place ? flag : 0)),
      );
      return addN(scores.map((own, i) => mul(own, tensor1d(first[i]))));
    }
  }
}

/** The axes of a weight other than the one with the channels. */
export function otherAxes(weight: Tensor, {axis}: Pick<ChannelMember, 'axis'>): number[] {
  return weight.shape.map((_, i) => i).filter((i) => i !== axis);
}

import type {Tensor} from '@tensorflow/tfjs-core';
import {cast, matMul, oneHot, reshape, tensor1d} from '@tensorflow/tfjs-core';

import type {ChannelMember} from './channel_groups';

/**
 * Adds up, for each channel of a group, what its positions along a weight's
 * axis have.
 *
 * @param values float32 of shape `[positions]`.
 * @param size Number of channels of the group.
 * @returns float32 of shape `[size]`.
 */
export function sumByChannel(values: Tensor, {channels}: ChannelMember, size: number): Tensor {
  if (channels.length === size && channels.every((channel, i) => channel === i)) {
    return values;
  }
  // A position of another group, at −1, is hot nowhere.
  const places = cast(oneHot(tensor1d([...channels], 'int32'), size), 'float32');
  return reshape(matMul(reshape(values, [1, -1]), places), [size]);
}

/** The axes of a weight other than the one with the channels. */
export function otherAxes(weight: Tensor, {axis}: ChannelMember): number[] {
  return weight.shape.map((_, i) => i).filter((i) => i !== axis);
}

import type {Tensor} from '@tensorflow/tfjs-core';
import {concat, onesLike, reshape, split} from '@tensorflow/tfjs-core';

/** All numbers of `tensors`, one tensor after the other. */
export function flat(tensors: readonly Tensor[]): Tensor {
  return concat(tensors.map((tensor) => reshape(tensor, [-1])));
}

/** The masks of `scores`, all ones where there is none yet; `null` where there are none at all. */
export function flatMasks(
  masks: ReadonlyArray<Tensor | null>,
  scores: readonly Tensor[],
): Tensor | null {
  return masks.some((mask) => mask)
    ? flat(masks.map((mask, i) => mask ?? onesLike(scores[i])))
    : null;
}

/** Numbers as `flat` orders them, in the shapes of `tensors`. */
export function apart(numbers: Tensor, tensors: readonly Tensor[]): Tensor[] {
  const sizes = tensors.map(({size}) => size);
  return split(numbers, sizes).map((part, i) => reshape(part, tensors[i].shape));
}

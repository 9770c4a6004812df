import {slice} from '@tensorflow/tfjs-core';
import type {Tensor4D} from '@tensorflow/tfjs-core';

/** The padding of a convolution: before and after each axis of `[batch, height, width, channels]`. */
export type Padding = [[0, 0], [number, number], [number, number], [0, 0]];

/** What an axis shall become. */
export interface Extent {
  /** The zeros before its first element; negative: the elements taken away there. */
  before: number;
  /** Its size with the zeros on both sides. */
  size: number;
}

/**
 * Gives height and width another extent: cuts off what is too much and names
 * the padding for what is missing.
 *
 * @param x `[batch, height, width, channels]`.
 * @param rows The extent of the height.
 * @param columns The extent of the width.
 * @returns What is left of `x`, and the padding that completes it.
 */
export function fitSpatially(
  x: Tensor4D,
  rows: Extent,
  columns: Extent,
): {x: Tensor4D; pad: Padding} {
  const [, height, width] = x.shape;
  const row = fit(height, rows);
  const column = fit(width, columns);
  return {
    x: slice(x, [0, row.begin, column.begin, 0], [-1, row.length, column.length, -1]),
    pad: [[0, 0], row.pad, column.pad, [0, 0]],
  };
}

function fit(
  inSize: number,
  {before, size}: Extent,
): {begin: number; length: number; pad: [number, number]} {
  const begin = Math.max(0, -before);
  const length = Math.min(inSize - begin, size - Math.max(0, before));
  return {begin, length, pad: [Math.max(0, before), size - Math.max(0, before) - length]};
}

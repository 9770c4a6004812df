import type {Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  add,
  cast,
  div,
  equal,
  floor,
  max,
  maximum,
  min,
  minimum,
  mul,
  neg,
  sign,
  sub,
  tidy,
} from '@tensorflow/tfjs-core';

/**
 * Evenly spaced numbers with an exact zero, which integers q from 0 to `levels`
 * stand for: value = q·scale + min with min = −zeroPoint·scale, as tfjs decodes
 * quantised weights.
 */
export interface AffineGrid {
  readonly scale: number;
  /** The q that stands for zero. */
  readonly zeroPoint: number;
}

/**
 * What is that close to halfway counts as halfway, as a share of `levels`: where
 * the numbers at hand lie evenly around zero, both ends are halfway between two
 * steps, and float32 may see one of them on either side.
 */
const HALFWAY = 4e-7;

/**
 * The grid over the numbers from `lowest` to `highest`, and zero, whose ends are
 * numbers of the grid too where the numbers at hand are: a grid of numbers from a
 * grid is that grid again.
 *
 * @param levels The largest integer, such as 255.
 * @example
 * affineGrid(-1, 3, 4); //=> {scale: 1, zeroPoint: 1}
 */
export function affineGrid(lowest: number, highest: number, levels: number): AffineGrid {
  const low = Math.min(lowest, 0);
  const scale = (Math.max(highest, 0) - low) / levels || 1;
  return {scale, zeroPoint: Math.floor(-low / scale + half(levels))};
}

/**
 * The numbers of the grid of `values` that are nearest to them, on the device;
 * from halfway away from zero. Zeros stay exactly zero.
 *
 * @param values float32 of any shape.
 * @param levels The largest integer, such as 255.
 * @param perChannel Whether each index of the last axis has a grid of its own.
 */
export function roundToGrid(values: Tensor, levels: number, perChannel: boolean): Tensor {
  return tidy(() => {
    const axes = perChannel ? Array.from({length: values.rank - 1}, (_, axis) => axis) : undefined;
    const low = minimum(min(values, axes, true), 0);
    const range = sub(maximum(max(values, axes, true), 0), low);
    // 1 where all is zero.
    const scale = add(div(range, levels), cast(equal(range, 0), 'float32'));
    const zeroPoint = floor(add(div(neg(low), scale), half(levels)));
    const steps = mul(sign(values), floor(add(div(abs(values), scale), half(levels))));
    const inRange = minimum(maximum(steps, neg(zeroPoint)), sub(levels, zeroPoint));
    // The bits of −0 are not zero.
    return add(mul(inRange, scale), 0);
  });
}

function half(levels: number): number {
  return 0.5 + HALFWAY * levels;
}

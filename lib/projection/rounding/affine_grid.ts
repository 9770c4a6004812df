import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  cast,
  clipByValue,
  div,
  equal,
  floor,
  max,
  maximum,
  min,
  minimum,
  mul,
  neg,
  relu,
  sub,
  tidy,
} from '@tensorflow/tfjs-core';

/**
 * Evenly spaced numbers with an exact zero, which integers q from 0 to `levels`
 * stand for: value = q·scale + min with min = −zeroPoint·scale, as tfjs decodes
 * quantized weights.
 */
export interface AffineGrid {
  readonly scale: number;
  /** The q that stands for zero. */
  readonly zeroPoint: number;
}

/**
 * What is that close to halfway counts as halfway on the device, as a share of
 * `levels`: where the numbers at hand lie evenly around zero, both ends are halfway
 * between two steps, and float32 may see one of them on either side.
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
  return {scale, zeroPoint: Math.floor(-low / scale + 0.5)};
}

/**
 * The numbers of the grid of `values` that are nearest to them, on the device;
 * from halfway away from zero. Zeros stay exactly zero. An error is at most half
 * a step and 4e-7 of the range, but for the rounding of float32, and rounding
 * again changes nothing but by that.
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
    const step = div(range, levels);
    // 1 where all is zero, or too small for steps.
    const scale = add(step, cast(equal(step, 0), 'float32'));
    const half = 0.5 + HALFWAY * levels;
    const zeroPoint = floor(add(div(neg(low), scale), half));
    // Not by `sign`, which is 0 below 1e-7 on wasm; nor by `maximum` and `minimum`,
    // which take some fifty times as long there.
    const steps = div(values, scale);
    const up = floor(add(relu(steps), half));
    const down = floor(add(relu(neg(steps)), half));
    const q = clipByValue(add(sub(up, down), zeroPoint), 0, levels);
    // The bits of −0 are not zero.
    return add(mul(sub(q, zeroPoint), scale), 0);
  });
}

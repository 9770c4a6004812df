import type {Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  add,
  clipByValue,
  customGrad,
  div,
  divNoNan,
  maximum,
  mul,
  reshape,
  scalar,
  sign,
  sqrt,
  square,
  sub,
  sum,
} from '@tensorflow/tfjs-core';

/**
 * ‖w‖₁ = Σ|wᵢ|. Its gradient is sign(w): 0 at 0, where that of `tf.abs` is −1
 * and would push zeros away.
 */
export function l1Norm(weight: Tensor): Tensor {
  return customGrad((w) => ({
    value: sum(abs(w as Tensor)),
    gradFunc: (dy: Tensor) => mul(dy, sign(w as Tensor)),
  }))(weight);
}

/**
 * Σ √p·‖w_g‖₂ over the groups g of p weights each that differ along `axes` only
 * (Yuan & Lin 2006), with a bias each where `bias` is given, which counts for p.
 * Its gradient is √p·w_g/‖w_g‖₂, and 0 for a group of zeros.
 */
export function groupNorm(weight: Tensor, axes: number[], bias?: Tensor): Tensor {
  const scale = Math.sqrt(groupSize(weight, axes, bias));
  const all = bias ? [weight, bias] : [weight];
  return customGrad((...given: unknown[]) => {
    const [w, b] = given.slice(0, all.length) as Tensor[];
    return {
      value: mul(sum(norms(w, axes, b)), scale),
      gradFunc: (dy: Tensor) => {
        const [factor, lengths] = [mul(dy, scale), norms(w, axes, b)];
        const along = (each: Tensor) => (each === b ? reshape(lengths, b.shape) : lengths);
        return (b ? [w, b] : [w]).map((each) => mul(factor, divNoNan(each, along(each))));
      },
    };
  })(...all);
}

/**
 * sign(w)·max(|w| − threshold, 0), the proximal step of `l1Norm`; as w minus
 * what is clipped off, so that zeros are exact and never −0, and a NaN stays.
 */
export function softThreshold(weight: Tensor, threshold: number): Tensor {
  return sub(weight, clipByValue(weight, -threshold, threshold));
}

/**
 * w_g·max(1 − √p·threshold/‖w_g‖₂, 0), the proximal step of `groupNorm`, with
 * exact zeros for the groups that go; and what it makes of `bias`. `threshold` is
 * above 0.
 */
export function groupSoftThreshold(
  weight: Tensor,
  axes: number[],
  threshold: number,
  bias?: Tensor,
): Tensor[] {
  const least = scalar(threshold * Math.sqrt(groupSize(weight, axes, bias)));
  const share = div(least, maximum(norms(weight, axes, bias), least));
  const shrunk = (each: Tensor, own: Tensor) => sub(each, mul(each, own));
  return [shrunk(weight, share), ...(bias ? [shrunk(bias, reshape(share, bias.shape))] : [])];
}

/** A norm of a weight, or of a weight and a bias, and its proximal step. */
export interface Norm {
  of(weight: Tensor, bias?: Tensor): Tensor;
  /** What the proximal step makes of both; `threshold` is above 0. */
  shrink(threshold: number, weight: Tensor, bias?: Tensor): Tensor[];
}

/** `groupNorm` of groups along `axes`; `l1Norm` where there are none, of single weights. */
export function normOver(axes: number[]): Norm {
  return axes.length === 0
    ? {of: l1Norm, shrink: (threshold, weight) => [softThreshold(weight, threshold)]}
    : {
        of: (weight, bias) => groupNorm(weight, axes, bias),
        shrink: (threshold, weight, bias) => groupSoftThreshold(weight, axes, threshold, bias),
      };
}

function norms(weight: Tensor, axes: number[], bias?: Tensor): Tensor {
  const squares = sum(square(weight), axes, true);
  return sqrt(bias ? add(squares, reshape(square(bias), squares.shape)) : squares);
}

function groupSize({shape}: Tensor, axes: number[], bias?: Tensor): number {
  return axes.reduce((size, axis) => size * shape[axis], 1) + (bias ? 1 : 0);
}

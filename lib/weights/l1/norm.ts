import type {Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  clipByValue,
  customGrad,
  div,
  divNoNan,
  maximum,
  mul,
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
 * (Yuan & Lin 2006). Its gradient is √p·w_g/‖w_g‖₂, and 0 for a group of zeros.
 */
export function groupNorm(weight: Tensor, axes: number[]): Tensor {
  const scale = Math.sqrt(groupSize(weight, axes));
  return customGrad((w) => ({
    value: mul(sum(norms(w as Tensor, axes)), scale),
    gradFunc: (dy: Tensor) => mul(mul(dy, scale), divNoNan(w as Tensor, norms(w as Tensor, axes))),
  }))(weight);
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
 * exact zeros for the groups that go. `threshold` is above 0.
 */
export function groupSoftThreshold(weight: Tensor, axes: number[], threshold: number): Tensor {
  const least = scalar(threshold * Math.sqrt(groupSize(weight, axes)));
  const share = div(least, maximum(norms(weight, axes), least));
  return sub(weight, mul(weight, share));
}

/** A norm, and its proximal step. */
export interface Norm {
  of(weight: Tensor): Tensor;
  /** The weight that the proximal step makes; `threshold` is above 0. */
  shrink(weight: Tensor, threshold: number): Tensor;
}

/** `groupNorm` of groups along `axes`; `l1Norm` where there are none, of single weights. */
export function normOver(axes: number[]): Norm {
  return axes.length === 0
    ? {of: l1Norm, shrink: softThreshold}
    : {
        of: (weight) => groupNorm(weight, axes),
        shrink: (weight, threshold) => groupSoftThreshold(weight, axes, threshold),
      };
}

function norms(weight: Tensor, axes: number[]): Tensor {
  return sqrt(sum(square(weight), axes, true));
}

function groupSize({shape}: Tensor, axes: number[]): number {
  return axes.reduce((size, axis) => size * shape[axis], 1);
}

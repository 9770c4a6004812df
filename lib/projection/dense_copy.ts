import type {Tensor, Variable} from '@tensorflow/tfjs-core';
import {add, keep, sub, tidy, zerosLike} from '@tensorflow/tfjs-core';

/**
 * The dense values behind a weight that is kept projected: masked, or rounded.
 * The model computes with the projected weight, and what the optimizer adds to
 * it goes to the dense values too, at pruned places as at others (the
 * straight-through gradient, Bengio et al. 2013, https://arxiv.org/abs/1308.3432):
 *
 *     dense ← weight after the step + (dense − weight before it)
 *
 * With a mask that is `after + dense·(1 − mask)`. Only the bracket is kept, one
 * tensor, so that it holds whatever else changes the weight.
 */
export class DenseCopy {
  private rest: Tensor;

  /** @param weight Starts as its own dense copy. */
  constructor(weight: Variable) {
    this.rest = keep(zerosLike(weight));
  }

  /** The dense values, a new tensor. */
  dense(weight: Variable): Tensor {
    return add(weight, this.rest);
  }

  /** Takes up how the weight has changed, and makes it the projection of the dense values. */
  project(weight: Variable, projection: (dense: Tensor) => Tensor): void {
    const former = this.rest;
    this.rest = tidy(() => {
      const dense = this.dense(weight);
      const projected = projection(dense);
      weight.assign(projected);
      return keep(sub(dense, projected));
    });
    former.dispose();
  }

  dispose(): void {
    this.rest.dispose();
  }
}

import type {Tensor} from '@tensorflow/tfjs-core';
import {add, clone, keep, sub, tidy, zerosLike} from '@tensorflow/tfjs-core';

import type {Change} from './registry';

/**
 * The dense values behind a weight that is kept projected: masked, or rounded.
 * The model computes with the projected weight, and what the optimizer adds to
 * it goes to the dense values too, at pruned places as at others (the
 * straight-through gradient, Bengio et al. 2013, https://arxiv.org/abs/1308.3432):
 *
 *     dense ← weight after the step + (dense − weight before it)
 *
 * With a mask that is `after + dense·(1 − mask)`. Only the bracket is kept, in one
 * tensor. Values that replace the weight replace the dense values too.
 */
export class DenseCopy {
  private constructor(private rest: Tensor) {}

  /** The copy of a weight that starts as its own dense copy. */
  static of(weight: Tensor): DenseCopy {
    return new DenseCopy(keep(tidy(() => zerosLike(weight))));
  }

  /** The dense values, a new tensor. */
  dense(weight: Tensor): Tensor {
    return add(weight, this.rest);
  }

  /** Takes up how the weight has changed, and returns the projection of the dense values. */
  project(weight: Tensor, change: Change, projection: (dense: Tensor) => Tensor): Tensor {
    const former = this.rest;
    const projected = tidy(() => {
      const dense = change === 'update' ? this.dense(weight) : weight;
      const result = projection(dense);
      this.rest = keep(sub(dense, result));
      return result;
    });
    former.dispose();
    return projected;
  }

  /** A copy with a tensor of its own. */
  clone(): DenseCopy {
    return new DenseCopy(keep(clone(this.rest)));
  }

  dispose(): void {
    this.rest.dispose();
  }
}

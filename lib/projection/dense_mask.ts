import type {Tensor} from '@tensorflow/tfjs-core';
import {clone, keep, mul, onesLike, tidy} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {readWeight} from '../model/read_weight';
import {DenseCopy} from './dense_copy';
import {MaskProjection, maskProjectionOf} from './mask';
import {hold, type Change} from './registry';

/** A mask from which pruned elements may come back: what they would be is known. */
class DenseMask extends MaskProjection {
  constructor(
    mask: Tensor,
    private readonly copy: DenseCopy,
  ) {
    super(mask);
  }

  override project(_variable: LayerVariable, written: Tensor, change: Change): Tensor {
    return this.copy.project(written, change, (dense) => mul(dense, this.mask));
  }

  override dense(weight: Tensor): Tensor {
    return this.copy.dense(weight);
  }

  override clone(): DenseMask {
    return new DenseMask(keep(clone(this.mask)), this.copy.clone());
  }

  override dispose(): void {
    super.dispose();
    this.copy.dispose();
  }
}

/**
 * From now on a dense copy follows `variable` at pruned places too, until its
 * mask ends. Nothing changes where one does already.
 */
export function keepDense(variable: LayerVariable): void {
  const projection = maskProjectionOf(variable);
  if (!(projection instanceof DenseMask)) {
    const weight = readWeight(variable);
    const mask = projection ? clone(projection.mask) : tidy(() => onesLike(weight));
    hold(variable, 'mask', new DenseMask(keep(mask), DenseCopy.of(weight)));
  }
}

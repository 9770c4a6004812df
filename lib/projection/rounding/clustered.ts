import {clone, keep, type Tensor} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import type {Change} from '../registry';
import type {Rounding} from './rounding';

/** Base of roundings whose values were made for the values that a weight had. */
export abstract class Clustered implements Rounding {
  /** Values of a replacement, as they were written: the clusters were made for others. */
  unfitting: Tensor | null = null;

  constructor(readonly maker: object) {}

  /** The weight with shared values, a new tensor. */
  protected abstract share(variable: LayerVariable, written: Tensor, change: Change): Tensor;
  /** The same with tensors of its own. */
  protected abstract copy(): Clustered;
  /** Frees its tensors. */
  protected abstract free(): void;

  project(variable: LayerVariable, written: Tensor, change: Change): Tensor {
    if (change === 'replacement') {
      this.replaceBy(variable, written);
    }
    return this.share(variable, written, change);
  }

  clone(): Clustered {
    const cloned = this.copy();
    cloned.unfitting = this.unfitting && keep(clone(this.unfitting));
    return cloned;
  }

  dispose(): void {
    this.free();
    this.unfitting?.dispose();
    this.unfitting = null;
  }

  private replaceBy(variable: LayerVariable, written: Tensor): void {
    if (this.unfitting === null) {
      console.warn(
        `ClusterWeights: other values were written to '${variable.originalName}'. Until the next ` +
          'fit with ClusterWeights they use the clusters of the earlier values.',
      );
    }
    this.unfitting?.dispose();
    this.unfitting = keep(clone(written));
  }
}

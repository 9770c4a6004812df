import type {Tensor, Tensor1D, Variable} from '@tensorflow/tfjs-core';
import {
  add,
  concat,
  denseBincount,
  div,
  gather,
  keep,
  maximum,
  mul,
  onesLike,
  reshape,
  slice,
  sub,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';

import type {Rounding} from './rounding';

/**
 * Few values that the elements of a weight share (Han et al. 2016,
 * https://arxiv.org/abs/1510.00149). Which one an element has is fixed; a step
 * moves each value by the mean of what it would add to its elements. These need
 * no dense copy, as the mean of one would be the value itself.
 */
export class SharedValues implements Rounding {
  private values: Tensor;
  private readonly indices: Tensor1D;

  /**
   * @param values The shared values; the first is zero and stays so.
   * @param indices For each element of the weight, flat, the index of its value.
   */
  constructor(values: Float32Array, indices: Int32Array) {
    this.values = keep(tensor1d(values));
    this.indices = keep(tensor1d(indices, 'int32'));
  }

  project(weight: Variable, mask: Tensor | null): void {
    const former = this.values;
    this.values = tidy(() => {
      const kept = reshape(mask ?? onesLike(weight), [-1]) as Tensor1D;
      // What was added and not the values themselves: a sum of many that are alike is not exact.
      const added = sub(reshape(weight, [-1]), gather(former, this.indices));
      const total = (each: Tensor) => denseBincount(this.indices, each as Tensor1D, former.size);
      const mean = div(total(mul(added, kept)), maximum(total(kept), 1));
      const free = slice(add(former, mean), 1);
      const values = concat([slice(former, 0, 1), free]);
      weight.assign(reshape(mul(gather(values, this.indices), kept), weight.shape));
      return keep(values);
    });
    former.dispose();
  }

  dispose(): void {
    this.values.dispose();
    this.indices.dispose();
  }
}

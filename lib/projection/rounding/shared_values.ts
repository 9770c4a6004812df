import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  clone,
  concat,
  div,
  gather,
  keep,
  matMul,
  maximum,
  mul,
  onesLike,
  pad,
  reshape,
  slice,
  sub,
  sum,
  tensor1d,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {maskOf} from '../mask';
import type {Change} from '../registry';
import type {Rounding} from './rounding';

/** Which elements share a value. */
interface Members {
  /** For each element, flat, the index of its value. */
  readonly indices: Tensor;
  /** Positions of elements in rows, each of elements of one value; the free places are past the end. */
  readonly rows: Tensor;
  /** For each value but zero 1 in the columns of its rows. */
  readonly rowsOfValues: Tensor;
}

/**
 * Few values that the elements of a weight share (Han et al. 2016,
 * https://arxiv.org/abs/1510.00149). Which one an element has is fixed; a step
 * moves each value by the mean of what it would add to its elements. These need
 * no dense copy, as the mean of one would be the value itself.
 */
export class SharedValues implements Rounding {
  /** Values of a replacement, as they were written: the clusters were made for others. */
  unfitting: Tensor | null = null;

  private constructor(
    readonly maker: object,
    private values: Tensor,
    private readonly members: Members,
  ) {}

  /**
   * @param values The shared values: zero, which stays so, and at least one more.
   * @param indices For each element of the weight, flat, the index of its value.
   */
  static of(maker: object, values: Float32Array, indices: Int32Array): SharedValues {
    const {rows, owners, columns} = arrange(indices, values.length);
    const isOwner = new Float32Array((values.length - 1) * owners.length);
    owners.forEach((owner, row) => (isOwner[(owner - 1) * owners.length + row] = 1));
    return new SharedValues(maker, keep(tensor1d(values)), {
      indices: keep(tensor1d(indices, 'int32')),
      rows: keep(tensor2d(rows, [owners.length, columns], 'int32')),
      rowsOfValues: keep(tensor2d(isOwner, [values.length - 1, owners.length])),
    });
  }

  project(variable: LayerVariable, written: Tensor, change: Change): Tensor {
    if (change === 'replacement') {
      this.replaceBy(variable, written);
    }
    const {indices} = this.members;
    const former = this.values;
    const projected = tidy(() => {
      const kept = reshape(maskOf(variable) ?? onesLike(written), [-1]);
      // What was added and not the values themselves: a sum of many that are alike is not exact.
      const added = sub(reshape(written, [-1]), gather(former, indices));
      const mean = div(this.total(mul(added, kept)), maximum(this.total(kept), 1));
      this.values = keep(concat([slice(former, 0, 1), add(slice(former, 1), mean)]));
      return reshape(mul(gather(this.values, indices), kept), written.shape);
    });
    former.dispose();
    return projected;
  }

  clone(): SharedValues {
    const copy = (tensor: Tensor) => keep(clone(tensor));
    const {indices, rows, rowsOfValues} = this.members;
    const members = {indices: copy(indices), rows: copy(rows), rowsOfValues: copy(rowsOfValues)};
    const cloned = new SharedValues(this.maker, copy(this.values), members);
    cloned.unfitting = this.unfitting && copy(this.unfitting);
    return cloned;
  }

  dispose(): void {
    const {indices, rows, rowsOfValues} = this.members;
    [this.values, indices, rows, rowsOfValues].forEach((each) => each.dispose());
    this.unfitting?.dispose();
    this.unfitting = null;
  }

  private replaceBy(variable: LayerVariable, written: Tensor): void {
    if (this.unfitting === null) {
      console.warn(
        `ClusterWeights: other values were written to '${variable.originalName}'. Until the next ` +
          'fit with ClusterWeights they share the clusters of the former values.',
      );
    }
    this.unfitting?.dispose();
    this.unfitting = keep(clone(written));
  }

  /** For each value but zero the sum over its elements, by rows: no backend has a kernel for it that all have. */
  private total(flat: Tensor): Tensor {
    const {rows, rowsOfValues} = this.members;
    const sums = sum(gather(pad(flat, [[0, 1]]), rows), 1, true);
    return reshape(matMul(rowsOfValues, sums), [-1]);
  }
}

/** Elements by value, in rows of about the square root of their number. */
function arrange(
  indices: Int32Array,
  values: number,
): {rows: Int32Array; owners: number[]; columns: number} {
  const columns = Math.ceil(Math.sqrt(indices.length));
  const members = Array.from({length: values}, (): number[] => []);
  indices.forEach((value, position) => members[value].push(position));
  const owners = members.flatMap((own, value) =>
    value === 0 ? [] : Array<number>(Math.max(1, Math.ceil(own.length / columns))).fill(value),
  );
  const rows = new Int32Array(owners.length * columns).fill(indices.length);
  let row = 0;
  members.slice(1).forEach((own) => {
    rows.set(own, row * columns);
    row += Math.max(1, Math.ceil(own.length / columns));
  });
  return {rows, owners, columns};
}

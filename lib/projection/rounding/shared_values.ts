import type {Tensor, Variable} from '@tensorflow/tfjs-core';
import {
  add,
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

import type {Rounding} from './rounding';

/**
 * Few values that the elements of a weight share (Han et al. 2016,
 * https://arxiv.org/abs/1510.00149). Which one an element has is fixed; a step
 * moves each value by the mean of what it would add to its elements. These need
 * no dense copy, as the mean of one would be the value itself.
 */
export class SharedValues implements Rounding {
  private values: Tensor;
  private readonly indices: Tensor;
  /** Positions of elements in rows, each of elements of one value; the free places are past the end. */
  private readonly rows: Tensor;
  /** For each value but zero 1 in the columns of its rows. */
  private readonly rowsOfValues: Tensor;

  /**
   * @param values The shared values: zero, which stays so, and at least one more.
   * @param indices For each element of the weight, flat, the index of its value.
   */
  constructor(values: Float32Array, indices: Int32Array) {
    const {rows, owners, columns} = arrange(indices, values.length);
    const isOwner = new Float32Array((values.length - 1) * owners.length);
    owners.forEach((owner, row) => (isOwner[(owner - 1) * owners.length + row] = 1));
    this.values = keep(tensor1d(values));
    this.indices = keep(tensor1d(indices, 'int32'));
    this.rows = keep(tensor2d(rows, [owners.length, columns], 'int32'));
    this.rowsOfValues = keep(tensor2d(isOwner, [values.length - 1, owners.length]));
  }

  project(weight: Variable, mask: Tensor | null): void {
    const former = this.values;
    this.values = tidy(() => {
      const kept = reshape(mask ?? onesLike(weight), [-1]);
      // What was added and not the values themselves: a sum of many that are alike is not exact.
      const added = sub(reshape(weight, [-1]), gather(former, this.indices));
      const mean = div(this.total(mul(added, kept)), maximum(this.total(kept), 1));
      const values = concat([slice(former, 0, 1), add(slice(former, 1), mean)]);
      weight.assign(reshape(mul(gather(values, this.indices), kept), weight.shape));
      return keep(values);
    });
    former.dispose();
  }

  dispose(): void {
    [this.values, this.indices, this.rows, this.rowsOfValues].forEach((each) => each.dispose());
  }

  /** For each value but zero the sum over its elements, by rows: no backend has a kernel for it that all have. */
  private total(flat: Tensor): Tensor {
    const sums = sum(gather(pad(flat, [[0, 1]]), this.rows), 1, true);
    return reshape(matMul(this.rowsOfValues, sums), [-1]);
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

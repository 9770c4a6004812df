import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  clone,
  concat,
  div,
  gather,
  keep,
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

import {sumOf} from '../../base/count_zeros';
import {maskOf} from '../mask';
import type {Clusters} from './cluster_weight';
import {Clustered} from './clustered';

/** Which elements share a value. */
interface Members {
  /** For each element, flat, the index of its value. */
  readonly indices: Tensor;
  /** Positions of elements in rows, each of elements of one value; the free places are past the end. */
  readonly rows: Tensor;
  /** For each value but zero its rows; the free places are past the end. */
  readonly rowsOfValues: Tensor;
}

/**
 * Few values that the elements of a weight share (Han et al. 2016,
 * https://arxiv.org/abs/1510.00149). Which one an element has is fixed; a step
 * moves each value by the mean of what it would add to its elements. These need
 * no dense copy, as the mean of one would be the value itself.
 */
export class SharedValues extends Clustered {
  private constructor(
    maker: object,
    private values: Tensor,
    private readonly members: Members,
  ) {
    super(maker);
  }

  static of(maker: object, {values, indices}: Clusters): SharedValues {
    const {rows, columns, rowsOfValues} = arrange(indices, values.length);
    return new SharedValues(maker, keep(tensor1d(values)), {
      indices: keep(tensor1d(indices, 'int32')),
      rows: keep(tensor2d(rows, [rows.length / columns, columns], 'int32')),
      rowsOfValues: keep(tensor2d(rowsOfValues, undefined, 'int32')),
    });
  }

  protected share(variable: LayerVariable, written: Tensor): Tensor {
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

  protected copy(): SharedValues {
    const copy = (own: Tensor) => keep(clone(own));
    const {indices, rows, rowsOfValues} = this.members;
    const members = {indices: copy(indices), rows: copy(rows), rowsOfValues: copy(rowsOfValues)};
    return new SharedValues(this.maker, copy(this.values), members);
  }

  protected free(): void {
    const {indices, rows, rowsOfValues} = this.members;
    [this.values, indices, rows, rowsOfValues].forEach((each) => each.dispose());
  }

  /** For each value but zero the sum over its elements, by rows: no backend has a kernel for it that all have. */
  private total(flat: Tensor): Tensor {
    const {rows, rowsOfValues} = this.members;
    const sumRows = (numbers: Tensor, at: Tensor) => sum(gather(pad(numbers, [[0, 1]]), at), 1);
    return sumRows(sumRows(flat, rows), rowsOfValues);
  }
}

/** Elements by value, in rows of about the square root of the most that share one. */
function arrange(
  indices: Int32Array,
  values: number,
): {rows: Int32Array; columns: number; rowsOfValues: number[][]} {
  const counts = new Int32Array(values);
  indices.forEach((value) => ++counts[value]);
  const most = counts.subarray(1).reduce((one, other) => Math.max(one, other), 1);
  const columns = Math.ceil(Math.sqrt(most));
  const heights = Array.from(counts, (count, value) =>
    value === 0 ? 0 : Math.ceil(count / columns),
  );
  const total = Math.max(1, sumOf(heights));
  const rows = new Int32Array(total * columns).fill(indices.length);
  let row = 0;
  const begins = heights.map((height) => (row += height) - height);
  const next = Int32Array.from(begins, (begin) => begin * columns);
  indices.forEach((value, position) => value > 0 && (rows[next[value]++] = position));
  const highest = Math.max(1, ...heights);
  const rowsOfValues = heights
    .slice(1)
    .map((height, i) =>
      Array.from({length: highest}, (_, at) => (at < height ? begins[i + 1] + at : total)),
    );
  return {rows, columns, rowsOfValues};
}

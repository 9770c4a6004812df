import {
  add,
  clone,
  dispose,
  eye,
  gather,
  matMul,
  mul,
  oneHot,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  tensor1d,
  tensor2d,
  type Tensor2D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';

import {readVectors} from '../base/read_vectors';
import {smallInverse} from './small_inverse';

/** Rows that are inverted together, off the device. */
const BLOCK = 64;

/**
 * A least-squares problem whose inputs are taken away one after the other, while
 * the weights of those that are left make up for them: the optimal brain surgeon
 * for groups of inputs (Hassibi and Stork 1993; for structures, Kurtic et al. 2023,
 * https://arxiv.org/abs/2302.04089).
 *
 * It holds the inverse of the Gram matrix, from which an input's cost can be read,
 * and the weights that are best for the inputs that are left.
 */
export class Elimination {
  private constructor(
    private inverse: Tensor2D,
    private weights: Tensor2D,
  ) {}

  /**
   * @param gram Of the inputs, damped, [inputs, inputs]; not disposed.
   * @param weights The best for all inputs, [inputs, outputs]; not disposed.
   */
  static async of(gram: Tensor2D, weights: Tensor2D): Promise<Elimination> {
    const {shape} = gram;
    let inverse = tidy(() => clone(gram));
    for (let begin = 0; begin < shape[0]; begin += BLOCK) {
      const rows = range(begin, Math.min(BLOCK, shape[0] - begin));
      const former = inverse;
      inverse = await swept(former, rows);
      former.dispose();
    }
    return new Elimination(
      inverse,
      tidy(() => clone(weights)),
    );
  }

  /**
   * By how much the squared error grows without each of the first `blocks` blocks
   * of `size` inputs, once the rest makes up for it. One small read. For a block
   * that is gone the number means nothing.
   */
  async costs(blocks: number, size: number): Promise<Float64Array> {
    const rows = blocks * size;
    const [inverses, products] = await readVectors<'float32'>(() => {
      const square = reshape(slice(this.inverse, [0, 0], [rows, rows]), [
        ...[blocks, size, blocks, size],
      ]);
      const diagonal = sum(mul(square, reshape(eye(blocks), [blocks, 1, blocks, 1])), 2);
      const own = reshape(slice(this.weights, 0, rows), [blocks, size, -1]);
      return [diagonal, matMul(own, own, false, true)].map((each) => reshape(each, [-1]));
    });
    return Float64Array.from({length: blocks}, (_, block) => {
      const [begin, end] = [block * size * size, (block + 1) * size * size];
      const curvature = smallInverse(inverses.subarray(begin, end), size);
      return curvature.reduce((all, value, i) => all + value * products[begin + i], 0);
    });
  }

  /** Takes inputs away. */
  async remove(rows: readonly number[]): Promise<void> {
    const columns = tidy(() => gather<Tensor2D>(this.inverse, tensor1d([...rows], 'int32'), 1));
    const curvature = await inverseOfRows(columns, rows);
    const former = [this.inverse, this.weights];
    [this.inverse, this.weights] = tidy(() => {
      const gain = matMul(columns, curvature);
      const own = gather(this.weights, tensor1d([...rows], 'int32'));
      return [
        sub<Tensor2D>(this.inverse, matMul(gain, columns, false, true)),
        sub<Tensor2D>(this.weights, matMul(gain, own)),
      ];
    });
    dispose([...former, columns, curvature]);
  }

  dispose(): void {
    dispose([this.inverse, this.weights]);
  }
}

/** `matrix` with `rows` swept: once all are, it is the inverse. */
async function swept(matrix: Tensor2D, rows: readonly number[]): Promise<Tensor2D> {
  const count = rows.length;
  const columns = tidy(() => slice(matrix, [0, rows[0]], [-1, count]));
  const inner = await inverseOfRows(columns, rows);
  const made = tidy(() => {
    const units = transpose(oneHot(tensor1d([...rows], 'int32'), matrix.shape[0]));
    const across = slice(matrix, rows[0], count);
    const right = matMul(inner, add<Tensor2D>(across, transpose(units)));
    return sub<Tensor2D>(matrix, matMul(sub<Tensor2D>(columns, units), right));
  });
  dispose([columns, inner]);
  return made;
}

/** The inverse of the block that `rows` of `columns` are. */
async function inverseOfRows(columns: Tensor, rows: readonly number[]): Promise<Tensor2D> {
  const size = rows.length;
  const [block] = await readVectors<'float32'>(() => [
    reshape(gather(columns, tensor1d([...rows], 'int32')), [-1]),
  ]);
  return tensor2d(Float32Array.from(smallInverse(block, size)), [size, size]);
}

function range(begin: number, length: number): number[] {
  return Array.from({length}, (_, i) => begin + i);
}

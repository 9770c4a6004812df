import type {KernelSession} from '../session';
import {chooseBlock} from './cost';
import type {Form} from './encoding';
import type {BlockSize, Matrix} from './matrix';
import type {SparseWeight} from './sparse_weight';
import {tileBytes, WIDEST_TILE} from './tile';

const FLOAT = 4;
/** Fewer rows are multiplied one by one. */
const FEWEST_TURNED = 4;

/** A product's operands in the backend's memory. */
export interface Product {
  readonly x: number;
  readonly rows: number;
  readonly bias: number;
  readonly limits: number;
  readonly y: number;
}

/**
 * The form of a weight for y = clamp(x * w + bias) with so many rows; `undefined` where
 * dense is quicker.
 *
 * @param exact Whether the order of additions must be the dense kernel's even for few rows.
 */
export function productForm(
  weight: SparseWeight,
  matrix: Matrix,
  rows: number,
  exact: boolean,
): Form | undefined {
  const alone = rows < FEWEST_TURNED && !exact;
  const work = [rows, matrix.outputs, Number(matrix.transposed), Number(exact)];
  return weight.form(work, () => {
    const positions = alone ? rows : Math.ceil(rows / 4) * 4;
    const block = chooseBlock(matrix, weight.countsOf(matrix), {rows, positions, alone});
    return block && sharedForm(weight, matrix, block, alone);
  });
}

/** The form with this block, one for all numbers of rows. */
export function sharedForm(
  weight: SparseWeight,
  matrix: Matrix,
  block: BlockSize,
  alone: boolean,
): Form {
  const {inputs, outputs, transposed} = matrix;
  const step = (alone ? 1 : WIDEST_TILE[block]) * FLOAT;
  return weight.sharedForm(`${alone}${block},${outputs}${transposed}`, () => ({
    matrix,
    block,
    kernel: alone ? 'vector' : 'product',
    offsets: () => Uint32Array.from({length: inputs}, (_, input) => input * step),
  }));
}

/** y = clamp(x * w + bias). */
export function multiply(
  session: KernelSession,
  weight: SparseWeight,
  form: Form,
  {x, rows, bias, limits, y}: Product,
): void {
  const {matrix, block, kernel} = form;
  const {starts, runs} = weight.encoding(form);
  const {kernels} = session;
  const {inputs, outputs} = matrix;
  if (kernel === 'vector') {
    const vector = block === 4 ? kernels.vector4 : kernels.vector1;
    for (let row = 0; row < rows; ++row) {
      const [from, to] = [x + row * inputs * FLOAT, y + row * outputs * FLOAT];
      vector(from, outputs, starts, runs, bias, limits, to);
    }
    return;
  }
  const scratch = session.scratchOf(tileBytes(outputs) + inputs * WIDEST_TILE[block] * FLOAT);
  kernels.product(block, x, rows, inputs, outputs, starts, runs, bias, limits, y, scratch);
}

import type {KernelSession} from '../session';
import type {Matrix} from './matrix';
import type {SparseWeight} from './sparse_weight';

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
  /** Whether the order of additions must be that of the dense kernel even for a single row. */
  readonly exact: boolean;
}

/** How `product` computes y = clamp(x * w + bias); `undefined` where dense is quicker. */
export function planProduct(
  weight: SparseWeight,
  matrix: Matrix,
  {rows, exact}: Pick<Product, 'rows' | 'exact'>,
): 1 | 2 | 4 | undefined {
  const alone = isAlone(rows, exact);
  const key = `choice,${alone},${rows},${matrix.outputs},${matrix.transposed}`;
  return weight.blockFor(key, matrix, {rows, positions: alone ? rows : atLeast4(rows), alone});
}

/** y = clamp(x * w + bias). */
export function multiply(
  session: KernelSession,
  weight: SparseWeight,
  matrix: Matrix,
  block: 1 | 2 | 4,
  {x, rows, bias, limits, y, exact}: Product,
): void {
  const {inputs, outputs, transposed} = matrix;
  const alone = isAlone(rows, exact);
  const tile = alone ? 1 : tileOf(inputs);
  const key = `product,${outputs},${transposed},${tile},${block}`;
  const {starts, runs} = weight.encoding(key, matrix, block, () =>
    Uint32Array.from({length: inputs}, (_, input) => input * tile * FLOAT),
  );
  const {kernels} = session;
  if (alone) {
    const vector = block === 4 ? kernels.vector4 : kernels.vector1;
    for (let row = 0; row < rows; ++row) {
      const [from, to] = [x + row * inputs * FLOAT, y + row * outputs * FLOAT];
      vector(from, outputs, starts, runs, bias, limits, to);
    }
    return;
  }
  const scratch = session.scratchOf((inputs + 4) * tile * FLOAT);
  const product = kernels[`product${block}`];
  product(x, rows, inputs, outputs, tile, starts, runs, bias, limits, y, scratch);
}

function isAlone(rows: number, exact: boolean): boolean {
  return rows < FEWEST_TURNED && !exact;
}

/** Rows are turned four at a time. */
function atLeast4(rows: number): number {
  return Math.ceil(rows / 4) * 4;
}

/** As many rows as fit the cache, a multiple of what the kernels take at once. */
function tileOf(inputs: number): number {
  return inputs <= 64 ? 96 : 48;
}

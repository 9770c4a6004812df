import {broadcast_util} from '@tensorflow/tfjs-core';
import type {BatchMatMulAttrs, BatchMatMulInputs, TensorInfo} from '@tensorflow/tfjs-core';

import {gemm, GEMM_BYTES} from '../../kernels/gemm';
import type {KernelSession} from '../../kernels/session';
import {partly, type KernelArgs} from '../partly';

const FLOAT = 4;
/** For fewer rows packing the right matrix does not pay; XNNPACK keeps it packed. */
const FEWEST_ROWS = 16;

/** `BatchMatMul`, either side transposed; tfjs's kernel has a plain loop for that. */
export const packedMatMul = partly(compute);

function compute(session: KernelSession, args: KernelArgs): TensorInfo | undefined {
  const {a, b} = args.inputs as Record<keyof BatchMatMulInputs, TensorInfo>;
  const {transposeA, transposeB} = args.attrs as unknown as BatchMatMulAttrs;
  const [aRows, aColumns] = a.shape.slice(-2);
  const [bRows, bColumns] = b.shape.slice(-2);
  const [rows, depth] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [columns, bDepth] = transposeB ? [bRows, bColumns] : [bColumns, bRows];
  const [aBatches, bBatches] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [aCount, bCount] = [aBatches, bBatches].map(sizeOf);
  const isPlain = !transposeA && !transposeB && rows < FEWEST_ROWS;
  // Otherwise a batch is broadcast along one axis of several.
  const isSimple = aCount === 1 || bCount === 1 || String(aBatches) === String(bBatches);
  const isFloat = a.dtype === 'float32' && b.dtype === 'float32';
  if (isPlain || !isSimple || !isFloat || depth !== bDepth || depth === 0) {
    return undefined;
  }
  const batches = broadcast_util.assertAndGetBroadcastShape(aBatches, bBatches);
  const y = session.backend.makeOutput([...batches, rows, columns], 'float32');
  const [from, by, to] = [a, b, y].map((matrix) => session.addressOf(matrix));
  const scratch = session.scratchOf(GEMM_BYTES);
  for (let i = 0; i < sizeOf(batches); ++i) {
    gemm(session, scratch, {
      rows,
      columns,
      depth,
      a: from + (aCount === 1 ? 0 : i * rows * depth * FLOAT),
      b: by + (bCount === 1 ? 0 : i * depth * columns * FLOAT),
      c: to + i * rows * columns * FLOAT,
      transposeA,
      transposeB,
    });
  }
  return y;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

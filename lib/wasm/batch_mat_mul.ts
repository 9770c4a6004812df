import {BatchMatMul, matMul, tidy, transpose} from '@tensorflow/tfjs-core';
import type {BatchMatMulAttrs, BatchMatMulInputs, KernelFunc, Tensor} from '@tensorflow/tfjs-core';

/** The kernel that `batchMatMul` is faster than. */
export const BATCH_MAT_MUL = BatchMatMul;

/**
 * The product of matrices, transposing first what the backend would transpose
 * itself: it multiplies plain matrices by XNNPACK and others by a plain loop,
 * five to ten times as slow. The gradient of every dense layer transposes.
 *
 * @param own The backend's kernel, which does the rest.
 */
export function batchMatMul(own: KernelFunc): KernelFunc {
  return (args) => {
    const {transposeA, transposeB} = args.attrs as unknown as BatchMatMulAttrs;
    if (!transposeA && !transposeB) {
      return own(args);
    }
    const {a, b} = args.inputs as unknown as Record<keyof BatchMatMulInputs, Tensor>;
    return tidy(() => matMul(transposeA ? turn(a) : a, transposeB ? turn(b) : b));
  };
}

/** Swaps the last two axes. */
function turn(x: Tensor): Tensor {
  const axes = x.shape.map((_size, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

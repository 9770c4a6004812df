import type {TensorInfo, _FusedMatMulAttrs, _FusedMatMulInputs} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../../kernels/session';
import type {Matrix} from '../../kernels/sparse/matrix';
import {multiply, productForm} from '../../kernels/sparse/multiply';
import {sparseWeightsOf} from '../../kernels/sparse/registry';
import {planActivation} from '../activation';
import {partly, type KernelArgs} from '../partly';

/** `BatchMatMul` and `_FusedMatMul` with a sparse matrix on the right. */
export const sparseMatMul = partly(compute);

function compute(session: KernelSession, args: KernelArgs): TensorInfo | undefined {
  const {a, b, bias, preluActivationWeights} = args.inputs as unknown as _FusedMatMulInputs;
  const weight = sparseWeightsOf(session).get(b);
  if (!weight) {
    return undefined;
  }
  const attrs = args.attrs as unknown as _FusedMatMulAttrs;
  const matrix = matrixOf(b.shape, attrs.transposeB);
  const {inputs, outputs} = matrix;
  const rows = sizeBefore(a.shape, a.shape.length - 1);
  const isProduct =
    !attrs.transposeA &&
    a.dtype === 'float32' &&
    a.shape[a.shape.length - 1] === inputs &&
    // One matrix for all of a batch.
    sizeBefore(b.shape, b.shape.length - 2) === 1 &&
    b.shape.length <= a.shape.length;
  const form = isProduct ? productForm(weight, matrix, rows, false) : undefined;
  if (!form || (bias && (bias.shape.length !== 1 || bias.shape[0] !== outputs))) {
    return undefined;
  }
  const activation = planActivation(session, attrs, preluActivationWeights);
  if (!activation) {
    return undefined;
  }
  const y = session.backend.makeOutput([...a.shape.slice(0, -1), outputs], 'float32');
  multiply(session, weight, form, {
    x: session.addressOf(a),
    rows,
    bias: bias ? session.addressOf(bias) : session.zerosOf(outputs),
    limits: session.limitsOf(activation.clamp),
    y: session.addressOf(y),
  });
  return activation.after?.(y) ?? y;
}

function matrixOf(shape: readonly number[], transposed: boolean): Matrix {
  const [rows, columns] = [shape[shape.length - 2], shape[shape.length - 1]];
  return transposed
    ? {inputs: columns, outputs: rows, transposed: true}
    : {inputs: rows, outputs: columns, transposed: false};
}

/** The product of the sizes before an axis. */
function sizeBefore(shape: readonly number[], axis: number): number {
  let size = 1;
  for (let i = 0; i < axis; ++i) {
    size *= shape[i];
  }
  return size;
}

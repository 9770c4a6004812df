import type {TensorInfo, _FusedMatMulAttrs, _FusedMatMulInputs} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../../kernels/session';
import type {Matrix} from '../../kernels/sparse/matrix';
import {multiply, planProduct} from '../../kernels/sparse/multiply';
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
  const rows = a.shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const isProduct =
    !attrs.transposeA &&
    a.dtype === 'float32' &&
    a.shape[a.shape.length - 1] === inputs &&
    // One matrix for all of a batch.
    b.shape.slice(0, -2).every((size) => size === 1) &&
    b.shape.length <= a.shape.length;
  const isBiasOk = !bias || (bias.shape.length === 1 && bias.shape[0] === outputs);
  const activation = planActivation(session, attrs, preluActivationWeights);
  const block = isProduct ? planProduct(weight, matrix, {rows, exact: false}) : undefined;
  if (!isBiasOk || !activation || !block) {
    return undefined;
  }
  const y = session.backend.makeOutput([...a.shape.slice(0, -1), outputs], 'float32');
  multiply(session, weight, matrix, block, {
    x: session.addressOf(a),
    rows,
    bias: bias ? session.addressOf(bias) : session.zerosOf(outputs),
    limits: session.limitsOf(activation.clamp),
    y: session.addressOf(y),
    exact: false,
  });
  return activation.after?.(y) ?? y;
}

function matrixOf(shape: readonly number[], transposed: boolean): Matrix {
  const [rows, columns] = shape.slice(-2);
  const [inputs, outputs] = transposed ? [columns, rows] : [rows, columns];
  return {inputs, outputs, transposed: Boolean(transposed)};
}

import type {FusedBatchNormAttrs, TensorInfo} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../../kernels/session';
import {partly, type KernelArgs} from '../partly';

const DOUBLE = 8;

interface Inputs {
  readonly x: TensorInfo;
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
  readonly offset?: TensorInfo;
  readonly scale?: TensorInfo;
}

/** `FusedBatchNorm` over the last axis, with tfjs's results. */
export const batchNorm = partly(compute);

function compute(session: KernelSession, args: KernelArgs): TensorInfo | undefined {
  const {x, mean, variance, offset, scale} = args.inputs as unknown as Inputs;
  const {varianceEpsilon} = args.attrs as unknown as FusedBatchNormAttrs;
  const channels = x.shape[x.shape.length - 1];
  const size = x.shape.reduce((product, length) => product * length, 1);
  const isByChannel = [mean, variance, offset, scale].every(
    (vector) => vector == null || (vector.shape.length === 1 && vector.shape[0] === channels),
  );
  if (!isByChannel || size === 0 || x.dtype !== 'float32') {
    return undefined;
  }
  const y = session.backend.makeOutput(x.shape, 'float32');
  const scratch = session.scratchOf(2 * channels * DOUBLE);
  const optional = (vector: TensorInfo | undefined) => (vector ? session.addressOf(vector) : 0);
  // prettier-ignore
  session.kernels.batchNorm(
    session.addressOf(x), size, channels,
    session.addressOf(mean), session.addressOf(variance), optional(scale), optional(offset),
    varianceEpsilon, session.addressOf(y), scratch,
  );
  return y;
}

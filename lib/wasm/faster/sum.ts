import {util} from '@tensorflow/tfjs-core';
import type {SumAttrs, TensorInfo} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../../kernels/session';
import {partly, type KernelArgs} from '../partly';

/**
 * `Sum` over neighboring axes before the last: tfjs turns these inward first. The order of
 * additions is the same.
 */
export const sum = partly((session, args) => sumOver(session, args, () => 1));

/** `Mean` over such axes, as of a batch normalization or a global pooling. */
export const mean = partly((session, args) => sumOver(session, args, (count) => count));

function sumOver(
  session: KernelSession,
  args: KernelArgs,
  divisor: (count: number) => number,
): TensorInfo | undefined {
  const {axis, keepDims} = args.attrs as unknown as SumAttrs & {keepDims?: boolean};
  const x = args.inputs.x as TensorInfo;
  const axes = util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const [first, end] = [axes[0], axes[axes.length - 1] + 1];
  const isBetween = axes.length > 0 && end - first === axes.length && end < x.shape.length;
  const [outer, count, inner] = [
    util.sizeFromShape(x.shape.slice(0, first)),
    util.sizeFromShape(x.shape.slice(first, end)),
    util.sizeFromShape(x.shape.slice(end)),
  ];
  // A single number in the middle of each row is what tfjs sums well.
  if (!isBetween || inner < 2 || outer * count * inner === 0 || x.dtype !== 'float32') {
    return undefined;
  }
  const kept = keepDims ? axes.map(() => 1) : [];
  const shape = [...x.shape.slice(0, first), ...kept, ...x.shape.slice(end)];
  const y = session.backend.makeOutput(shape, 'float32');
  const [from, to] = [session.addressOf(x), session.addressOf(y)];
  session.kernels.sumRows(from, outer, count, inner, divisor(count), to);
  return y;
}

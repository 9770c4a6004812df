import type {TensorInfo, TileAttrs} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../../kernels/session';
import {partly, type KernelArgs} from '../partly';

const BYTES = 4;

/**
 * `Tile` of a tensor that is repeated as a whole, as the gradient of a mean over the first
 * axes does: tfjs copies number by number.
 */
export const tile = partly(compute);

function compute(session: KernelSession, args: KernelArgs): TensorInfo | undefined {
  const {reps} = args.attrs as unknown as TileAttrs;
  const x = args.inputs.x as TensorInfo;
  const first = x.shape.findIndex((size) => size !== 1);
  const isWhole = first < 0 || reps.slice(first).every((times) => times === 1);
  const shape = x.shape.map((size, axis) => size * reps[axis]);
  const size = shape.reduce((product, length) => product * length, BYTES);
  if (!isWhole || size === 0 || (x.dtype !== 'float32' && x.dtype !== 'int32')) {
    return undefined;
  }
  const y = session.backend.makeOutput(shape, x.dtype);
  const [from, to] = [session.addressOf(x), session.addressOf(y)];
  const whole = x.shape.reduce((product, length) => product * length, BYTES);
  session.copy(from, to, whole);
  // Each copy doubles what is there.
  for (let done = whole; done < size; done *= 2) {
    session.copy(to, to + done, Math.min(done, size - done));
  }
  return y;
}

import {util} from '@tensorflow/tfjs-core';
import type {GatherV2Attrs, TensorInfo} from '@tensorflow/tfjs-core';

import {partly} from '../partly';

const BYTES = 4;
/** Single numbers are copied as fast one by one. */
const LEAST = 2;

/**
 * `Gather` of rows, as embeddings look up their words and `fit` takes its batches: tfjs
 * copies number by number. An index that is out of range is left to tfjs, which throws.
 */
export const gather = partly((session, {inputs, attrs}) => {
  const [x, indices] = [inputs.x, inputs.indices] as TensorInfo[];
  const {axis, batchDims} = attrs as unknown as GatherV2Attrs;
  const at = util.parseAxisParam(axis, x.shape)[0];
  const [before, after] = [x.shape.slice(0, at), x.shape.slice(at + 1)];
  const [outer, row] = [before, after].map(util.sizeFromShape);
  const count = util.sizeFromShape(indices.shape);
  // A negative index is a large one here.
  const picked = () => session.words(session.addressOf(indices), count);
  if (
    batchDims !== 0 ||
    x.dtype !== 'float32' ||
    indices.dtype !== 'int32' ||
    outer * count === 0 ||
    row < LEAST ||
    !picked().every((index) => index < x.shape[at])
  ) {
    return undefined;
  }
  const y = session.backend.makeOutput([...before, ...indices.shape, ...after], 'float32');
  const bytes = row * BYTES;
  const rows = picked();
  let to = session.addressOf(y);
  for (let i = 0; i < outer; ++i) {
    const from = session.addressOf(x) + i * x.shape[at] * bytes;
    for (const index of rows) {
      session.copy(from + index * bytes, to, bytes);
      to += bytes;
    }
  }
  return y;
});

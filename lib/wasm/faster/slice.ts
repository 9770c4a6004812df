import {slice_util, util} from '@tensorflow/tfjs-core';
import type {SliceAttrs, TensorInfo} from '@tensorflow/tfjs-core';

import {partly} from '../partly';
import {share} from './share_data';

const BYTES = 4;

/**
 * `Slice` of neighboring numbers, as `LayersModel.predict` takes its batches: tfjs copies
 * all of the tensor to JavaScript first. A slice that takes everything shares its data.
 */
export const slice = partly((session, {inputs, attrs}) => {
  const x = inputs.x as TensorInfo;
  const {begin, size} = attrs as unknown as SliceAttrs;
  const [from, shape] = slice_util.parseSliceParams(x, begin, size);
  if (x.dtype !== 'float32' || !slice_util.isSliceContinous(x.shape, from, shape)) {
    return undefined;
  }
  const count = util.sizeFromShape(shape);
  if (count === util.sizeFromShape(x.shape)) {
    return share(session, x);
  }
  const y = session.backend.makeOutput(shape, 'float32');
  const first = slice_util.computeFlatOffset(from, util.computeStrides(x.shape));
  session.copy(session.addressOf(x) + first * BYTES, session.addressOf(y), count * BYTES);
  return y;
});

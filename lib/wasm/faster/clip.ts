import {util} from '@tensorflow/tfjs-core';
import type {ClipByValueAttrs, TensorInfo} from '@tensorflow/tfjs-core';

import {partly} from '../partly';

/** `ClipByValue` with SIMD: tfjs clips number by number. */
export const clip = partly((session, {inputs, attrs}) => {
  const {clipValueMin, clipValueMax} = attrs as unknown as ClipByValueAttrs;
  const x = inputs.x as TensorInfo;
  if (x.dtype !== 'float32') {
    return undefined;
  }
  const y = session.backend.makeOutput(x.shape, 'float32');
  const [from, to] = [session.addressOf(x), session.addressOf(y)];
  session.kernels.clampAll(from, util.sizeFromShape(x.shape), clipValueMin, clipValueMax, to);
  return y;
});

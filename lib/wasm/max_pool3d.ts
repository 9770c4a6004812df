import {backend_util, maxPool, MaxPool3D, reshape, tidy} from '@tensorflow/tfjs-core';
import type {
  KernelFunc,
  MaxPool3DAttrs,
  MaxPool3DInputs,
  Tensor,
  Tensor4D,
  Tensor5D,
} from '@tensorflow/tfjs-core';

import {readByWindows, slidingOf} from './windows';

/** The kernel that `maxPool3D` puts right: it takes 0 where all of a window is below. */
export const MAX_POOL_3D = MaxPool3D;

/** The largest of each window, over height and width and then over depth. */
export const maxPool3D = ((args: {inputs: MaxPool3DInputs; attrs: MaxPool3DAttrs}): Tensor => {
  const {filterSize, strides, pad, dimRoundingMode} = args.attrs;
  const x = args.inputs.x as Tensor5D;
  const info = backend_util.computePool3DInfo(
    x.shape,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const axes = slidingOf(info);
  const [depth, height, width] = axes;
  const [batch, channels] = [x.shape[0], x.shape[4]];
  return tidy(() => {
    const read = readByWindows(x, axes, -Infinity);
    const images: Tensor4D = reshape(read, [-1, height.size, width.size, channels]);
    const flat = maxPool(
      images,
      [height.filter, width.filter],
      [height.stride, width.stride],
      'valid',
    );
    const columns: Tensor4D = reshape(flat, [batch, depth.size, -1, channels]);
    const deep = maxPool(columns, [depth.filter, 1], [depth.stride, 1], 'valid');
    return reshape(deep, [batch, depth.count, height.count, width.count, channels]);
  });
}) as unknown as KernelFunc;

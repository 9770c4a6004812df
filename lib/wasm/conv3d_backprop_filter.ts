import {
  backend_util,
  Conv2DBackpropFilter,
  Conv3DBackpropFilterV2,
  engine,
  reshape,
  stack,
  tidy,
} from '@tensorflow/tfjs-core';
import type {
  Conv3DBackpropFilterV2Attrs,
  Conv3DBackpropFilterV2Inputs,
  KernelFunc,
  Tensor,
  Tensor5D,
} from '@tensorflow/tfjs-core';

import {depthSlices, readByWindows, slidingOf} from './windows';

/** The kernel that `conv3DBackpropFilter` puts right: it adds to memory that was not cleared. */
export const CONV3D_BACKPROP_FILTER = Conv3DBackpropFilterV2;

/**
 * The gradient of a 3D convolution by its filter, `[filterDepth, filterHeight,
 * filterWidth, inChannels, outChannels]`: for each slice along depth that of a 2D
 * convolution.
 */
export const conv3DBackpropFilter = ((args: {
  inputs: Conv3DBackpropFilterV2Inputs;
  attrs: Conv3DBackpropFilterV2Attrs;
}): Tensor => {
  const {pad, strides, filterShape} = args.attrs;
  const x = args.inputs.x as Tensor5D;
  const dy = args.inputs.dy as Tensor5D;
  const axes = slidingOf(backend_util.computeConv3DInfo(x.shape, filterShape, strides, 1, pad));
  const [depth, height, width] = axes;
  const [, ...filterSlice] = filterShape;
  return tidy(() => {
    const read = readByWindows(x, axes);
    const images = reshape(dy, [-1, height.count, width.count, dy.shape[4]]);
    const attrs = {
      strides: [height.stride, width.stride],
      pad: 'valid',
      dataFormat: 'NHWC',
      filterShape: filterSlice,
    };
    const taps = Array.from({length: depth.filter}, (_, tap) => {
      const inputs = {x: depthSlices(read, depth, tap), dy: images};
      return engine().runKernel<Tensor>(Conv2DBackpropFilter, inputs, attrs);
    });
    return stack(taps);
  });
}) as unknown as KernelFunc;

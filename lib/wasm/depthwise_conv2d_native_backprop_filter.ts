import {
  DepthwiseConv2dNativeBackpropFilter,
  depthwiseConv2d,
  reshape,
  sum,
  transpose,
} from '@tensorflow/tfjs-core';
import type {
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropFilterInputs,
  KernelConfig,
  KernelFunc,
  Tensor4D,
} from '@tensorflow/tfjs-core';

import {assertNotDilated} from './assert_not_dilated';
import {filterGradient, type Correlation} from './filter_gradient';

/**
 * The gradient of a depthwise convolution by its filter, `[filterHeight,
 * filterWidth, inChannels, channelMultiplier]`, from `x` `[batch, height,
 * width, inChannels]` and `dy` `[batch, outHeight, outWidth, inChannels *
 * channelMultiplier]`.
 */
export const depthwiseConv2dNativeBackpropFilterConfig: KernelConfig = {
  kernelName: DepthwiseConv2dNativeBackpropFilter,
  backendName: 'wasm',
  kernelFunc: depthwiseConv2dNativeBackpropFilter as unknown as KernelFunc,
};

function depthwiseConv2dNativeBackpropFilter(args: {
  inputs: DepthwiseConv2dNativeBackpropFilterInputs;
  attrs: DepthwiseConv2dNativeBackpropFilterAttrs;
}): Tensor4D {
  const {dilations, filterShape} = args.attrs;
  assertNotDilated(DepthwiseConv2dNativeBackpropFilter, dilations);
  const {x, dy} = args.inputs;
  return filterGradient(x as Tensor4D, dy as Tensor4D, args.attrs, (correlation) =>
    correlate(correlation, filterShape),
  );
}

/**
 * Each image has a convolution with its own `dy`, so the channels of all
 * images lie side by side as those of one; then the sum over the images.
 */
function correlate({x, dy, pad, dilations}: Correlation, filterShape: Shape4D): Tensor4D {
  const [batch, rows, columns, inChannels] = x.shape;
  const [, outHeight, outWidth, outChannels] = dy.shape;
  const [filterHeight, filterWidth, , channelMultiplier] = filterShape;
  const image: Tensor4D = reshape(transpose(x, [1, 2, 0, 3]), [
    1,
    rows,
    columns,
    batch * inChannels,
  ]);
  const filter: Tensor4D = reshape(transpose(dy, [1, 2, 0, 3]), [
    outHeight,
    outWidth,
    batch * inChannels,
    channelMultiplier,
  ]);
  const perImage = depthwiseConv2d(image, filter, 1, pad, 'NHWC', dilations);
  const gradient = sum(reshape(perImage, [filterHeight, filterWidth, batch, outChannels]), 2);
  return reshape(gradient, filterShape);
}

type Shape4D = [number, number, number, number];

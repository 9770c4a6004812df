import {
  backend_util,
  DepthwiseConv2dNativeBackpropInput,
  depthwiseConv2d,
  reshape,
  reverse,
  sum,
  tidy,
} from '@tensorflow/tfjs-core';
import type {
  DepthwiseConv2dNativeBackpropInputAttrs,
  DepthwiseConv2dNativeBackpropInputInputs,
  KernelConfig,
  KernelFunc,
  Tensor4D,
} from '@tensorflow/tfjs-core';

import {assertNotDilated} from './assert_not_dilated';
import {fitSpatially} from './fit_spatially';
import {spreadPixels} from './spread_pixels';

/**
 * The gradient of a depthwise convolution by its input, `[batch, height,
 * width, inChannels]`, from `dy` `[batch, outHeight, outWidth, inChannels *
 * channelMultiplier]` and the filter `[filterHeight, filterWidth, inChannels,
 * channelMultiplier]`.
 */
export const depthwiseConv2dNativeBackpropInputConfig: KernelConfig = {
  kernelName: DepthwiseConv2dNativeBackpropInput,
  backendName: 'wasm',
  kernelFunc: depthwiseConv2dNativeBackpropInput as unknown as KernelFunc,
};

/** A depthwise convolution of `dy`, spread by the strides, with the turned filter. */
function depthwiseConv2dNativeBackpropInput(args: {
  inputs: DepthwiseConv2dNativeBackpropInputInputs;
  attrs: DepthwiseConv2dNativeBackpropInputAttrs;
}): Tensor4D {
  const {strides, dilations, dimRoundingMode, inputShape} = args.attrs;
  assertNotDilated(DepthwiseConv2dNativeBackpropInput, dilations);
  const dy = args.inputs.dy as Tensor4D;
  const filter = args.inputs.filter as Tensor4D;
  const [filterHeight, filterWidth, inChannels, channelMultiplier] = filter.shape;
  const {strideHeight, strideWidth, padInfo} = backend_util.computeConv2DInfo(
    inputShape,
    filter.shape,
    strides,
    1,
    args.attrs.pad,
    dimRoundingMode,
    true,
  );
  const [batch, height, width] = inputShape;
  return tidy(() => {
    const spread = spreadPixels(dy, strideHeight, strideWidth);
    // Around each pixel of the input lie the windows that read it.
    const {x, pad} = fitSpatially(
      spread,
      {before: filterHeight - 1 - padInfo.top, size: height + filterHeight - 1},
      {before: filterWidth - 1 - padInfo.left, size: width + filterWidth - 1},
    );
    const turned: Tensor4D = reshape(reverse(filter, [0, 1]), [
      filterHeight,
      filterWidth,
      inChannels * channelMultiplier,
      1,
    ]);
    const perOutput = depthwiseConv2d(x, turned, 1, pad);
    return channelMultiplier === 1
      ? perOutput
      : reshape(sum(reshape(perOutput, [-1, channelMultiplier]), 1), [
          batch,
          height,
          width,
          inChannels,
        ]);
  });
}

import {
  addN,
  backend_util,
  Conv3DBackpropInputV2,
  conv2dTranspose,
  reshape,
  slice,
  tidy,
} from '@tensorflow/tfjs-core';
import type {
  Conv3DBackpropInputV2Attrs,
  Conv3DBackpropInputV2Inputs,
  KernelFunc,
  Tensor,
  Tensor4D,
  Tensor5D,
} from '@tensorflow/tfjs-core';

import {backToInput, slidingOf, spreadAlongDepth} from './windows';

/** The kernel that `conv3DBackpropInput` puts right: it adds to memory that was not cleared. */
export const CONV3D_BACKPROP_INPUT = Conv3DBackpropInputV2;

/**
 * The gradient of a 3D convolution by its input, `[batch, depth, height, width,
 * inChannels]`, which is also what a transposed convolution predicts, from `dy`
 * `[batch, outDepth, outHeight, outWidth, outChannels]`: for each slice of the
 * filter along depth the gradient of a 2D convolution.
 */
export const conv3DBackpropInput = ((args: {
  inputs: Conv3DBackpropInputV2Inputs;
  attrs: Conv3DBackpropInputV2Attrs;
}): Tensor => {
  const {pad, strides, inputShape} = args.attrs;
  const dy = args.inputs.dy as Tensor5D;
  const filter = args.inputs.filter as Tensor5D;
  const info = backend_util.computeConv3DInfo(inputShape, filter.shape, strides, 1, pad);
  const axes = slidingOf(info);
  const [depth, height, width] = axes;
  const [, , , inChannels, outChannels] = filter.shape;
  return tidy(() => {
    const images: Tensor4D = reshape(dy, [-1, height.count, width.count, outChannels]);
    const taps = Array.from({length: depth.filter}, (_, tap) => {
      const kernel: Tensor4D = reshape(slice(filter, tap, 1), [
        height.filter,
        width.filter,
        inChannels,
        outChannels,
      ]);
      const shape: [number, number, number, number] = [
        images.shape[0],
        height.size,
        width.size,
        inChannels,
      ];
      const gradient = conv2dTranspose(
        images,
        kernel,
        shape,
        [height.stride, width.stride],
        'valid',
      );
      return spreadAlongDepth(gradient, depth, tap);
    });
    return backToInput(addN(taps), axes);
  });
}) as unknown as KernelFunc;

import {
  backend_util,
  conv2d,
  Conv2DBackpropInput,
  reverse,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import type {
  Conv2DBackpropInputAttrs,
  Conv2DBackpropInputInputs,
  KernelFunc,
  Tensor4D,
} from '@tensorflow/tfjs-core';

import {fitSpatially} from './fit_spatially';
import {spreadPixels} from './spread_pixels';

/** The kernel that `conv2DBackpropInput` is faster than. */
export const CONV2D_BACKPROP_INPUT = Conv2DBackpropInput;

/**
 * The gradient of a 2D convolution by its input, `[batch, height, width,
 * inChannels]`, from `dy` `[batch, outHeight, outWidth, outChannels]`: a
 * convolution of `dy`, spread by the strides, with the turned filter. The
 * backend's own kernel is a plain loop, five to ten times as slow.
 *
 * @param own The backend's kernel, for what this does not do.
 */
export function conv2DBackpropInput(own: KernelFunc): KernelFunc {
  return (args) => {
    const attrs = args.attrs as unknown as Conv2DBackpropInputAttrs;
    const {dy, filter} = args.inputs as unknown as Record<
      keyof Conv2DBackpropInputInputs,
      Tensor4D
    >;
    if (attrs.dataFormat !== 'NHWC') {
      return own(args);
    }
    const [filterHeight, filterWidth] = filter.shape;
    const {strideHeight, strideWidth, padInfo} = backend_util.computeConv2DInfo(
      attrs.inputShape,
      filter.shape,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    );
    const [, height, width] = attrs.inputShape;
    return tidy(() => {
      const {x, pad} = fitSpatially(
        spreadPixels(dy, strideHeight, strideWidth),
        {before: filterHeight - 1 - padInfo.top, size: height + filterHeight - 1},
        {before: filterWidth - 1 - padInfo.left, size: width + filterWidth - 1},
      );
      const turned: Tensor4D = transpose(reverse(filter, [0, 1]), [0, 1, 3, 2]);
      return conv2d(x, turned, 1, pad);
    });
  };
}

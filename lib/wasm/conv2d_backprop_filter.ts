import {
  backend_util,
  Conv2DBackpropFilter,
  conv2d,
  matMul,
  reshape,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import type {
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropFilterInputs,
  KernelConfig,
  KernelFunc,
  Tensor2D,
  Tensor4D,
} from '@tensorflow/tfjs-core';

import {PruningError} from '../base/errors';
import {filterGradient, type Correlation} from './filter_gradient';

/**
 * The gradient of a 2D convolution by its filter, `[filterHeight, filterWidth,
 * inChannels, outChannels]`, from `x` `[batch, height, width, inChannels]` and
 * `dy` `[batch, outHeight, outWidth, outChannels]`.
 */
export const conv2DBackpropFilterConfig: KernelConfig = {
  kernelName: Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: conv2DBackpropFilter as unknown as KernelFunc,
};

function conv2DBackpropFilter(args: {
  inputs: Conv2DBackpropFilterInputs;
  attrs: Conv2DBackpropFilterAttrs;
}): Tensor4D {
  const {dataFormat} = args.attrs;
  if (dataFormat !== 'NHWC') {
    throw new PruningError('dataFormat', "'NHWC' for Conv2DBackpropFilter on wasm", dataFormat);
  }
  const x = args.inputs.x as Tensor4D;
  const dy = args.inputs.dy as Tensor4D;
  return isPointwise(x, dy, args.attrs)
    ? pointwise(x, dy)
    : filterGradient(x, dy, args.attrs, correlate);
}

/** Whether each pixel of the output comes from the same pixel of the input alone. */
function isPointwise(
  x: Tensor4D,
  dy: Tensor4D,
  {strides, filterShape}: Conv2DBackpropFilterAttrs,
): boolean {
  const [filterHeight, filterWidth] = filterShape;
  return (
    filterHeight === 1 &&
    filterWidth === 1 &&
    backend_util.tupleValuesAreOne(strides) &&
    x.shape[1] === dy.shape[1] && // Padding would make `dy` larger.
    x.shape[2] === dy.shape[2]
  );
}

/** One product of matrices, which is about three times as fast as the convolution. */
function pointwise(x: Tensor4D, dy: Tensor4D): Tensor4D {
  const [inChannels, outChannels] = [x.shape[3], dy.shape[3]];
  return tidy(() => {
    const pixels: Tensor2D = reshape(x, [-1, inChannels]);
    // The backend's product is far slower when it has to transpose itself.
    const gradient = matMul(transpose(pixels), reshape(dy, [-1, outChannels]));
    return reshape(gradient, [1, 1, inChannels, outChannels]);
  });
}

/**
 * dw[r, c, i, o] = sum over b, y, q of x[b, y * stride + r, q * stride + c, i] * dy[b, y, q, o]:
 * a convolution with the batch in the place of the channels, the channels in
 * the place of the batch, and `dy` as the filter.
 */
function correlate({x, dy, pad, dilations}: Correlation): Tensor4D {
  const images: Tensor4D = transpose(x, [3, 1, 2, 0]);
  const filter: Tensor4D = transpose(dy, [1, 2, 0, 3]);
  return transpose(conv2d(images, filter, 1, pad, 'NHWC', dilations), [1, 2, 0, 3]);
}

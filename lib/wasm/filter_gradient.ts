import {backend_util, tidy, zeros} from '@tensorflow/tfjs-core';
import type {Conv2DBackpropFilterAttrs, Tensor4D} from '@tensorflow/tfjs-core';

import {fitSpatially, type Padding} from './fit_spatially';

/** A filter's gradient seen as a convolution of the input with `dy` as its filter. */
export interface Correlation {
  /** The rows and columns that the forward pass read, `[batch, rows, columns, inChannels]`. */
  x: Tensor4D;
  /** `[batch, outHeight, outWidth, outChannels]`. */
  dy: Tensor4D;
  /** The zeros that the forward pass read around `x`. */
  pad: Padding;
  /** The strides of the forward pass. */
  dilations: [number, number];
}

/** What the gradients of full and of depthwise filters share in their attributes. */
export type FilterGradientAttrs = Pick<
  Conv2DBackpropFilterAttrs,
  'strides' | 'pad' | 'dimRoundingMode' | 'filterShape'
>;

/**
 * Computes the gradient of a filter.
 *
 * @param x The input, `[batch, height, width, inChannels]`.
 * @param dy The gradient of the output, `[batch, outHeight, outWidth, outChannels]`.
 * @param attrs The kernel's attributes.
 * @param correlate Convolves the two to a result of shape `attrs.filterShape`.
 * @returns The gradient, of shape `attrs.filterShape`.
 */
export function filterGradient(
  x: Tensor4D,
  dy: Tensor4D,
  {strides, pad, dimRoundingMode, filterShape}: FilterGradientAttrs,
  correlate: (correlation: Correlation) => Tensor4D,
): Tensor4D {
  const {strideHeight, strideWidth, padInfo} = backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const [, outHeight, outWidth] = dy.shape;
  const [filterHeight, filterWidth] = filterShape;
  // What all windows cover; with strides this may leave a rest of `x` that none reads.
  const rows = {before: padInfo.top, size: (outHeight - 1) * strideHeight + filterHeight};
  const columns = {before: padInfo.left, size: (outWidth - 1) * strideWidth + filterWidth};
  if (rows.size <= rows.before || columns.size <= columns.before) {
    return zeros(filterShape); // Every window lies in the padding.
  }
  return tidy(() =>
    correlate({
      ...fitSpatially(x, rows, columns),
      dy,
      dilations: [strideHeight, strideWidth],
    }),
  );
}

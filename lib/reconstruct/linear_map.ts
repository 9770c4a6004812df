import {eye, reshape, type Tensor, transpose} from '@tensorflow/tfjs-core';

import type {MapSize} from './moments';
import {type WindowArgs, windowsOf} from './windows';

/**
 * How an operation that is linear in its kernel is a product of rows and a
 * matrix: of rows [groups, n, inputs] by [groups, inputs, outputs].
 */
export interface LinearMap extends MapSize {
  /** The shape of the kernel. */
  readonly shape: readonly number[];
  /** Whether the kernel is [...window, outputs, inputs], and not [...window, inputs, outputs]. */
  readonly isTransposed: boolean;
  /** About how many elements of rows come from an element of an input. */
  readonly growth: number;
  /** The rows of an input of the operation. */
  rows(input: Tensor): Tensor;
  /** The kernel as a matrix. */
  toMatrix(kernel: Tensor): Tensor;
  /** The matrix as a kernel. */
  toKernel(matrix: Tensor): Tensor;
}

/** A product of the last axis of its input by a kernel [inputs, outputs]. */
export function productMap(shape: readonly number[]): LinearMap {
  const [inputs, outputs] = shape;
  return {
    ...{groups: 1, inputs, outputs, shape, growth: 1, isTransposed: false},
    rows: (input) => reshape(input, [1, -1, inputs]),
    toMatrix: (kernel) => reshape(kernel, [1, inputs, outputs]),
    toKernel: (matrix) => reshape(matrix, [inputs, outputs]),
  };
}

/** A convolution by a kernel [...window, channels, filters] of input with channels last. */
export function convolutionMap(
  shape: readonly number[],
  window: Omit<WindowArgs, 'size'>,
): LinearMap {
  const size = shape.slice(0, -2);
  const product = productMap([productOf(shape.slice(0, -1)), shape[shape.length - 1]]);
  return {
    ...product,
    shape,
    growth: productOf(size),
    rows: (input) => product.rows(windowsOf(input, {...window, size})),
    toKernel: (matrix) => reshape(matrix, [...shape]),
  };
}

/** A depthwise convolution by a kernel [height, width, channels, multiplier]. */
export function depthwiseMap(
  shape: readonly number[],
  window: Omit<WindowArgs, 'size'>,
): LinearMap {
  const [height, width, groups, outputs] = shape;
  const inputs = height * width;
  return {
    ...{groups, inputs, outputs, shape, growth: inputs, isTransposed: false},
    rows: (input) => {
      const windows = windowsOf(input, {...window, size: [height, width]});
      return transpose(reshape(windows, [-1, inputs, groups]), [2, 0, 1]);
    },
    toMatrix: (kernel) => transpose(reshape(kernel, [inputs, groups, outputs]), [1, 0, 2]),
    toKernel: (matrix) => reshape(transpose(matrix, [1, 0, 2]), [...shape]),
  };
}

/**
 * A transposed convolution by a kernel [...window, filters, channels].
 *
 * @param apply The convolution, without bias: the rows are what it makes of a
 *   kernel with a filter for each place and channel of the window.
 */
export function transposedMap(
  shape: readonly number[],
  apply: (input: Tensor, kernel: Tensor) => Tensor,
): LinearMap {
  const window = shape.slice(0, -2);
  const [outputs, channels] = shape.slice(-2);
  const inputs = productOf(window) * channels;
  const spatial = [...window.keys()];
  const swap = [...spatial, window.length + 1, window.length];
  return {
    ...{groups: 1, inputs, outputs, shape, growth: productOf(window), isTransposed: true},
    rows: (input) => {
      const each = transpose(reshape(eye(inputs), [...window, channels, inputs]), swap);
      return reshape(apply(input, each), [1, -1, inputs]);
    },
    toMatrix: (kernel) => reshape(transpose(kernel, swap), [1, inputs, outputs]),
    toKernel: (matrix) => transpose(reshape(matrix, [...window, channels, outputs]), swap),
  };
}

function productOf(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}

import {transpose, type Tensor} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;

/**
 * Most kernels are [...window, inputs, outputs]: [inputs, units] of dense and
 * recurrent layers, [height, width, inputs, filters] of a convolution, and
 * [words, dimensions] of an embedding. Those of these classes are [...window,
 * outputs, inputs].
 */
const TRANSPOSED: ReadonlySet<string> = new Set(['Conv2DTranspose', 'Conv3DTranspose']);

/**
 * A kernel of `layer`, or something of its shape, as [...window, inputs,
 * outputs]. Done twice, it is as it was.
 *
 * @example
 * const layer = tf.layers.conv2dTranspose({filters: 8, kernelSize: 3, inputShape: [9, 9, 4]});
 * // The kernel is [3, 3, 8, 4].
 * inputsByOutputs(layer, kernel).shape; //=> [3, 3, 4, 8]
 */
export function inputsByOutputs(layer: Layer, kernel: Tensor): Tensor {
  return TRANSPOSED.has(layer.getClassName()) ? swapLastAxes(kernel) : kernel;
}

/** A tensor with its last two axes in each other's place. */
export function swapLastAxes(tensor: Tensor): Tensor {
  const {rank} = tensor;
  return transpose(tensor, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

/**
 * The axes over which a weight of `rank` dimensions is summed up for one number
 * an output channel of its layer. None for a vector, such as the gammas of a
 * normalization: each is a channel of its own.
 *
 * @example
 * channelGroupAxes(tf.layers.conv2d({filters: 8, kernelSize: 3}), 4); //=> [0, 1, 2]
 */
export function channelGroupAxes(layer: Layer, rank: number): number[] {
  const outputs = outputAxes(layer).map((axis) => rank + axis);
  return [...Array(rank).keys()].filter((axis) => !outputs.includes(axis));
}

/** Counted from behind. */
function outputAxes(layer: Layer): readonly number[] {
  const className = layer.getClassName();
  if (className === 'DepthwiseConv2D') {
    return [-2, -1]; // Each input channel has outputs of its own.
  }
  return TRANSPOSED.has(className) ? [-2] : [-1];
}

/**
 * The axes over which a weight of `rank` dimensions is summed up for one number
 * an input of its layer: an input channel of a convolution, a word of an
 * embedding. None for a vector.
 *
 * @example
 * inputGroupAxes(tf.layers.conv2d({filters: 8, kernelSize: 3}), 4); //=> [0, 1, 3]
 */
export function inputGroupAxes(layer: Layer, rank: number): number[] {
  const input = TRANSPOSED.has(layer.getClassName()) ? rank - 1 : rank - 2;
  return rank < 2 ? [] : [...Array(rank).keys()].filter((axis) => axis !== input);
}

import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, model as makeModel, type SymbolicTensor} from '@tensorflow/tfjs-layers';

import {dampedGram, inverseFactor} from './sparse_gpt';

/** How weights become whole multiples of the step of their output. */
export type Rounding = 'nearest' | 'GPTQ';

/**
 * Rounds the kernels of dense and convolution layers to `bits`, with one step for each output:
 * to the nearest multiple, or by GPTQ (Frantar 2023, https://arxiv.org/abs/2210.17323), layer
 * after layer, each with the inputs that the rounded layers before it put out.
 */
export async function roundKernels(
  model: LayersModel,
  x: tf.Tensor,
  bits: number,
  rounding: Rounding,
): Promise<void> {
  for (const layer of model.layers.filter(({weights}) => weights.length > 0)) {
    const [kernel, ...others] = layer.getWeights();
    const outputs = kernel.shape.at(-1)!;
    const weights = Float64Array.from(await kernel.data());
    const steps = stepsOf(weights, outputs, bits);
    if (rounding === 'nearest') {
      weights.forEach((weight, i) => (weights[i] = nearest(weight, steps[i % outputs], bits)));
    } else {
      const until = makeModel({inputs: model.inputs, outputs: layer.input as SymbolicTensor});
      const rows = tf.tidy(() => readBy(layer.getConfig(), kernel, until.predict(x) as tf.Tensor));
      const gram = await dampedGram(rows);
      rows.dispose();
      gptq(weights, gram, steps, bits);
    }
    const rounded = tf.tensor(Float32Array.from(weights), kernel.shape);
    layer.setWeights([rounded, ...others]);
    rounded.dispose();
  }
}

/** Input after input, what rounding changes is made up for by the weights of the inputs after it. */
function gptq(weights: Float64Array, gram: Float64Array, steps: Float64Array, bits: number): void {
  const outputs = steps.length;
  const inputs = weights.length / outputs;
  const factor = inverseFactor(gram, inputs);
  for (let i = 0; i < inputs; ++i) {
    for (let o = 0; o < outputs; ++o) {
      const rounded = nearest(weights[i * outputs + o], steps[o], bits);
      const error = (weights[i * outputs + o] - rounded) / factor[i * (inputs + 1)];
      for (let j = i + 1; j < inputs; ++j) {
        weights[j * outputs + o] -= error * factor[i * inputs + j];
      }
      weights[i * outputs + o] = rounded;
    }
  }
}

/** The largest multiple is the largest weight of the output. */
function stepsOf(weights: Float64Array, outputs: number, bits: number): Float64Array {
  const steps = new Float64Array(outputs);
  weights.forEach((weight, i) => {
    steps[i % outputs] = Math.max(steps[i % outputs], Math.abs(weight) / largest(bits));
  });
  return steps;
}

function nearest(weight: number, step: number, bits: number): number {
  const multiple = step === 0 ? 0 : Math.round(weight / step);
  return step * Math.min(largest(bits), Math.max(-largest(bits), multiple));
}

function largest(bits: number): number {
  return 2 ** (bits - 1) - 1;
}

/** What the rows of a kernel are multiplied by, [..., rows]: of a convolution, its windows. */
function readBy(config: Record<string, unknown>, kernel: tf.Tensor, seen: tf.Tensor): tf.Tensor2D {
  if (kernel.rank === 2) {
    return seen as tf.Tensor2D;
  }
  const [height, width, channels] = kernel.shape;
  const rows = height * width * channels;
  const each = tf.reshape(tf.eye(rows), [height, width, channels, rows]) as tf.Tensor4D;
  const {strides, padding} = config as {strides: [number, number]; padding: 'valid' | 'same'};
  return tf.reshape(tf.conv2d(seen as tf.Tensor4D, each, strides, padding), [-1, rows]);
}

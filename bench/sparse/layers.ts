import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {sparsify, type Sparsified} from 'tfjs-prune/wasm';

import {kernelsNow, use} from './kernel_sets';
import {race, type Runner} from './race';
import {sparseKernel} from './weights';

/** A layer that is measured alone. */
export interface MeasuredLayer {
  readonly name: string;
  /** Of the input, with the batch. */
  readonly shape: readonly number[];
  readonly makeLayer: () => tfl.layers.Layer;
  readonly compute: (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) => tf.Tensor;
}

function convolution(inputs: number, filters: number, side: number, size: number): MeasuredLayer {
  return {
    name: `${size}x${size} ${inputs}→${filters} at ${side}x${side}`,
    shape: [1, side, side, inputs],
    makeLayer: () =>
      tfl.layers.conv2d({inputShape: [side, side, inputs], filters, kernelSize: size}),
    compute: (x, kernel, bias) =>
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: kernel as tf.Tensor4D,
        strides: 1,
        pad: 'same',
        bias,
        activation: 'relu6',
      }),
  };
}

function dense(inputs: number, units: number, batch: number): MeasuredLayer {
  return {
    name: `dense ${inputs}→${units}, batch ${batch}`,
    shape: [batch, inputs],
    makeLayer: () => tfl.layers.dense({inputShape: [inputs], units}),
    compute: (a, b, bias) => tf.fused.matMul({a, b, bias, activation: 'relu'}),
  };
}

/** The shapes of the table, those of MobileNet, ResNet and the LeNets among them. */
export const layers = (): MeasuredLayer[] => [
  convolution(32, 64, 112, 1),
  convolution(64, 128, 56, 1),
  convolution(128, 128, 56, 1),
  convolution(128, 256, 28, 1),
  convolution(256, 256, 28, 1),
  convolution(512, 512, 14, 1),
  convolution(1024, 1024, 7, 1),
  convolution(16, 16, 28, 3),
  convolution(64, 64, 7, 3),
  convolution(64, 64, 56, 3),
  convolution(128, 128, 28, 3),
  convolution(256, 256, 14, 3),
  convolution(512, 512, 7, 3),
  dense(784, 300, 1),
  dense(784, 300, 32),
  dense(784, 300, 128),
  dense(300, 100, 1),
  dense(300, 100, 128),
  dense(800, 500, 1),
  dense(1024, 1024, 1),
  dense(1024, 1024, 8),
  dense(1024, 1024, 64),
];

/** How many times as fast as tfjs-wasm a layer is, at a sparsity in blocks of 1 and 4. */
export async function measureLayer(
  {shape, makeLayer, compute}: MeasuredLayer,
  sparsity: number,
  rounds: number,
): Promise<Record<string, {ms: number; times: number}>> {
  const layer = makeLayer();
  const x = tf.randomNormal(shape as number[]);
  const stock = kernelsNow();
  const model = tfl.sequential({layers: [layer]});
  const [kernel, bias] = layer.weights;
  const runners: Record<string, Runner> = {};
  const handles: Sparsified[] = [];
  for (const block of [1, 4]) {
    const shape = kernel.shape as number[];
    const value = tf.tensor(sparseKernel(shape, sparsity, block), shape);
    layer.setWeights([value, bias.read()]);
    handles.push(await sparsify(model));
    const run = () => compute(x, value, bias.read()).dispose();
    // The one without blocks stands for both.
    runners.dense ??= {before: () => use(stock), run};
    const sparse = kernelsNow();
    runners[`blocks of ${block}`] = {before: () => use(sparse), run};
  }
  const result = race(runners, rounds);
  use(stock);
  handles.forEach((handle) => handle.dispose());
  tf.disposeVariables();
  return result;
}

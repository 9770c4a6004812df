import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '../../lib/wasm';
import {startCpuAndWasm} from './on_backend';

startCpuAndWasm();

/** The losses of a few epochs of plain training; every call starts from the same weights. */
async function losses(
  backend: 'cpu' | 'wasm',
  layers: () => tfl.layers.Layer[],
  x: () => tf.Tensor,
): Promise<number[]> {
  await tf.setBackend(backend);
  const model = tfl.sequential({layers: layers()});
  model.setWeights(
    model.getWeights().map(({shape}, i) => tf.randomNormal(shape, 0, 0.3, 'float32', i + 1)),
  );
  model.compile({optimizer: tf.train.momentum(0.05, 0.9), loss: 'categoricalCrossentropy'});
  const inputs = x();
  const classes = Array.from({length: inputs.shape[0]}, (_, i) => i % 3);
  const {history} = await model.fit(inputs, tf.oneHot(classes, 3), {
    batchSize: 4,
    epochs: 4,
    shuffle: false,
    verbose: 0,
  });
  return history.loss as number[];
}

async function expectSameLosses(
  layers: () => tfl.layers.Layer[],
  x: () => tf.Tensor,
): Promise<void> {
  const expected = await losses('cpu', layers, x);
  const actual = await losses('wasm', layers, x);
  expect(actual).toHaveLength(4);
  actual.forEach((loss, i) => {
    expect(Math.abs(loss - expected[i])).toBeLessThan(1e-4 * expected[i]);
  });
  expect(actual[3]).toBeLessThan(actual[0]);
}

describe('model.fit on wasm loses what it loses on cpu with', () => {
  it('a small convolutional network', async () => {
    await expectSameLosses(
      () => [
        tfl.layers.conv2d({
          inputShape: [9, 9, 2],
          filters: 4,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
        }),
        tfl.layers.depthwiseConv2d({kernelSize: 3, depthMultiplier: 2, activation: 'relu'}),
        tfl.layers.separableConv2d({
          filters: 6,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
        }),
        tfl.layers.maxPooling2d({poolSize: 2}),
        tfl.layers.flatten(),
        tfl.layers.dense({units: 3, activation: 'softmax'}),
      ],
      () => tf.randomNormal([12, 9, 9, 2], 0, 1, 'float32', 7),
    );
  });

  it('convolutions in one dimension and transposed', async () => {
    await expectSameLosses(
      () => [
        tfl.layers.conv1d({inputShape: [8, 2], filters: 4, kernelSize: 3, activation: 'relu'}),
        tfl.layers.reshape({targetShape: [3, 2, 4]}),
        tfl.layers.conv2dTranspose({filters: 3, kernelSize: 3, strides: 2, padding: 'same'}),
        tfl.layers.globalAveragePooling2d({}),
        tfl.layers.dense({units: 3, activation: 'softmax'}),
      ],
      () => tf.randomNormal([12, 8, 2], 0, 1, 'float32', 7),
    );
  });

  it('an embedding', async () => {
    await expectSameLosses(
      () => [
        tfl.layers.embedding({inputDim: 10, outputDim: 4, inputLength: 5}),
        tfl.layers.flatten(),
        tfl.layers.dense({units: 3, activation: 'softmax'}),
      ],
      () => tf.cast(tf.randomUniform([12, 5], 0, 10, 'int32', 7), 'float32'),
    );
  });
});

import * as tf from '@tensorflow/tfjs-core';
import {layers, type LayersModel, sequential, type SymbolicTensor} from '@tensorflow/tfjs-layers';

import {ChannelPruner, NeuronPruner, shrink, stripPruning} from '../../../lib';
import {registerTrainingKernels} from '../../../lib/wasm';
import {backendName} from '../../setup/backend';
import {QUIET} from '../../setup/models';
import {largestError, predict} from '../../shrink/fuzz_once';
import {randomInputs} from '../../shrink/random_model';
import {around} from '../../shrink/shrunk';

type T = SymbolicTensor;

beforeAll(() => {
  if (backendName === 'wasm') {
    registerTrainingKernels();
  }
});

const HALF = {initialSparsity: 0.25, finalSparsity: 0.5, beginStep: 0, endStep: 4, frequency: 2};
const glorot = {recurrentInitializer: 'glorotUniform'} as const;
const IMAGE = [4, 4, 2];

const chain = (x: T, ...all: layers.Layer[]) => all.reduce((y, each) => each.apply(y) as T, x);
const conv = (filters: number, name: string) =>
  layers.conv2d({filters, kernelSize: 2, name, activation: 'relu'});

function trained(model: LayersModel): LayersModel {
  model.compile({optimizer: tf.train.adam(0.01), loss: 'meanSquaredError'});
  return model;
}

function batch(model: LayersModel, size: number): {xs: tf.Tensor; ys: tf.Tensor} {
  const shape = model.inputs[0].shape.slice(1) as number[];
  return {xs: tf.randomNormal([size, ...shape], 0, 1, 'float32', 5), ys: tf.ones([size, 2])};
}

/** Four steps, in each way to train. */
const WAYS = {
  fit: async (model: LayersModel, pruner: ChannelPruner | NeuronPruner) => {
    const {xs, ys} = batch(model, 20);
    await model.fit(xs, ys, {...QUIET, epochs: 2, callbacks: [pruner]});
    tf.dispose([xs, ys]);
  },
  fitDataset: async (model: LayersModel, pruner: ChannelPruner | NeuronPruner) => {
    const iterator = async () => [batch(model, 10), batch(model, 10)][Symbol.iterator]();
    const dataset = {size: 2, iterator} as unknown as Parameters<LayersModel['fitDataset']>[0];
    await model.fitDataset(dataset, {epochs: 2, verbose: 0, callbacks: [pruner]});
  },
  trainOnBatch: async (model: LayersModel, pruner: ChannelPruner | NeuronPruner) => {
    const {xs, ys} = batch(model, 10);
    pruner.setModel(model);
    await pruner.onTrainBegin();
    for (let step = 0; step < 4; ++step) {
      await model.trainOnBatch(xs, ys);
      await pruner.onBatchEnd(step);
    }
    await pruner.onTrainEnd();
    tf.dispose([xs, ys]);
  },
};

type Way = keyof typeof WAYS;

/** The shapes of all weights after pruning and shrinking, which must not change what is predicted. */
async function shapesAfter(model: LayersModel, pruner: ChannelPruner | NeuronPruner, way: Way) {
  await WAYS[way](trained(model), pruner);
  expect(pruner.sparsity).toBe(0.5);
  const smaller = await shrink(stripPruning(model));
  const inputs = randomInputs(model, 7);
  expect(await largestError(predict(model, inputs), predict(smaller, inputs))).toBeLessThan(1e-5);
  return Object.fromEntries(smaller.weights.map((each) => [each.originalName, each.shape]));
}

/** Pruner's kind, input's shape, layers, some of the weights' shapes after. */
const CASES: Array<['channels' | 'neurons', string, number[], (x: T) => T, object]> = [
  [
    'channels',
    'ConvLSTM2D',
    [2, ...IMAGE],
    (x) => chain(x, layers.convLstm2d({filters: 4, kernelSize: 2, name: 'p', ...glorot})),
    {'p/kernel': [2, 2, 2, 8], 'p/recurrent_kernel': [2, 2, 2, 8], 'p/bias': [8]},
  ],
  [
    'channels',
    'SeparableConv2D',
    IMAGE,
    (x) =>
      chain(
        x,
        conv(4, 'p'),
        layers.separableConv2d({filters: 6, kernelSize: 2, depthMultiplier: 2, name: 's'}),
      ),
    {
      'p/kernel': [2, 2, 2, 2],
      's/depthwise_kernel': [2, 2, 2, 2],
      's/pointwise_kernel': [1, 1, 4, 3],
    },
  ],
  [
    'channels',
    'DepthwiseConv2D of multiplier 2',
    IMAGE,
    (x) =>
      chain(
        x,
        conv(4, 'p'),
        layers.depthwiseConv2d({kernelSize: 2, depthMultiplier: 2, name: 'd'}),
      ),
    {'p/kernel': [2, 2, 2, 2], 'd/depthwise_kernel': [2, 2, 2, 2], 'd/bias': [4]},
  ],
  [
    'channels',
    'a nested model',
    IMAGE,
    (x) => {
      const parts = [layers.inputLayer({inputShape: IMAGE}), conv(4, 'p'), conv(2, 'q')];
      return chain(x, sequential({name: 'inner', layers: parts}));
    },
    {'p/kernel': [2, 2, 2, 2], 'q/kernel': [2, 2, 2, 1]},
  ],
  [
    'neurons',
    'LSTM and GRU',
    [3, 2],
    (x) =>
      chain(
        x,
        layers.lstm({units: 4, returnSequences: true, name: 'l', ...glorot}),
        layers.gru({units: 6, name: 'g', ...glorot}),
      ),
    {
      'l/kernel': [2, 8],
      'l/recurrent_kernel': [2, 8],
      'g/kernel': [2, 9],
      'g/recurrent_kernel': [3, 9],
    },
  ],
  [
    'neurons',
    'a bidirectional layer in a nested model',
    [3, 2],
    (x) => {
      const layer = layers.simpleRNN({units: 4, name: 'r', ...glorot});
      const both = layers.bidirectional({
        layer,
        mergeMode: 'concat',
        name: 'b',
        inputShape: [3, 2],
      });
      return chain(x, sequential({name: 'inner', layers: [both]}));
    },
    {'b/forward_r/kernel': [2, 2], 'b/backward_r/kernel': [2, 2], 'out/kernel': [4, 2]},
  ],
];

describe.each(Object.keys(WAYS) as Way[])('in %s, halves', (way) => {
  it.each(CASES)('the %s of %s', async (kind, _, shape, make, expected) => {
    const Pruner = kind === 'channels' ? ChannelPruner : NeuronPruner;
    const shapes = await shapesAfter(around(shape, make), new Pruner(HALF), way);
    expect(shapes).toMatchObject(expected);
  });
});

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ConstantSparsity,
  pruneNow,
  PruningError,
  sparsityReport,
  stripPruning,
} from '../../lib/index';
import {setMask} from '../../lib/projection/mask';
import {countReads, mlp, setWeight} from '../setup/models';
import {Linear} from '../setup/own_layers';

describe('sparsityReport', () => {
  it('counts the zeros of each kernel', async () => {
    const model = mlp({inputs: 2, units: [2, 4]});
    setWeight(model.layers[0], 0, [0, 1, -2, -0]);
    setWeight(model.layers[1], 0, [0, 0, 3, 1, 1, 1, 1, 0]);
    expect(await sparsityReport(model)).toEqual({
      weights: [
        {
          name: 'dense_0/kernel',
          shape: [2, 2],
          size: 4,
          zeros: 2,
          sparsity: 0.5,
          masked: false,
          frozen: false,
        },
        {
          name: 'dense_1/kernel',
          shape: [2, 4],
          size: 8,
          zeros: 3,
          sparsity: 0.375,
          masked: false,
          frozen: false,
        },
      ],
      size: 12,
      zeros: 5,
      sparsity: 5 / 12,
      channels: [
        {
          name: 'dense_0',
          layers: ['dense_0'],
          size: 2,
          zero: [],
          sparsity: 0,
          masked: false,
          frozen: undefined,
          kept: [],
        },
        {
          name: 'dense_1',
          layers: ['dense_1'],
          size: 4,
          zero: [],
          sparsity: 0,
          masked: false,
          frozen: 'an output of the model',
          kept: [],
        },
      ],
    });
  });

  it('says which weights have a mask', async () => {
    const model = mlp();
    const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, layers: ['dense_1']});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    const masked = async () => (await sparsityReport(model)).weights.map((weight) => weight.masked);
    expect(await masked()).toEqual([false, true]);
    expect((await sparsityReport(model)).zeros).toBe(6);
    await pruner.onTrainEnd();
    stripPruning(model);
    expect(await masked()).toEqual([false, false]);
    expect((await sparsityReport(model)).zeros).toBe(6);
  });

  it('adds masked weights that are not prunable by default', async () => {
    const model = mlp({inputs: 2, units: [3]});
    const bias = model.layers[0].weights[1];
    setWeight(model.layers[0], 1, [1, 2, 3]);
    setMask(bias, tf.tensor1d([1, 0, 1]));
    const {weights, zeros, size} = await sparsityReport(model);
    expect(weights).toHaveLength(2);
    expect(weights[1]).toMatchObject({shape: [3], size: 3, zeros: 1, masked: true});
    expect([zeros, size]).toEqual([1, 9]);
    stripPruning(model);
  });

  it('counts what is prunable by name alone, and still does after stripPruning', async () => {
    const model = tfl.sequential({layers: [new Linear({units: 3, name: 'own', inputShape: [4]})]});
    const counted = async () =>
      (await sparsityReport(model)).weights.map(({name, zeros, masked}) => [name, zeros, masked]);
    expect(await counted()).toEqual([['own/kernel', 0, false]]);
    await pruneNow(model, {sparsity: 0.5, layers: ['own']});
    expect(await counted()).toEqual([['own/kernel', 6, true]]);
    stripPruning(model);
    expect(await counted()).toEqual([['own/kernel', 6, false]]);
  });

  it('counts a depthwise kernel once it has zeros', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.depthwiseConv2d({kernelSize: 2, name: 'd', inputShape: [4, 4, 4]}),
        tfl.layers.conv2d({filters: 2, kernelSize: 1, name: 'c'}),
      ],
    });
    const names = async () => (await sparsityReport(model)).weights.map(({name}) => name);
    expect(await names()).toEqual(['c/kernel']);
    await pruneNow(model, {sparsity: 0.5, layers: ['d']});
    expect(await names()).toEqual(['c/kernel', 'd/depthwise_kernel']);
    stripPruning(model);
    expect(await names()).toEqual(['c/kernel', 'd/depthwise_kernel']);
  });

  it.each([
    ['SimpleRNN', tfl.layers.simpleRNN],
    ['LSTM', tfl.layers.lstm],
    ['GRU', tfl.layers.gru],
  ] as const)('counts a %s of one unit', async (_name, make) => {
    const model = tfl.sequential({
      layers: [
        make({units: 1, name: 'r', recurrentInitializer: 'glorotNormal', inputShape: [3, 2]}),
      ],
    });
    const {weights, channels} = await sparsityReport(model);
    expect(weights.map(({name, zeros}) => [name, zeros])).toEqual([
      ['r/kernel', 0],
      ['r/recurrent_kernel', 0],
    ]);
    expect(channels.map(({size, zero}) => [size, zero])).toEqual([[1, []]]);
  });

  it('throws for a model in which nothing can be pruned', async () => {
    const model = tfl.sequential({layers: [tfl.layers.batchNormalization({inputShape: [3]})]});
    await expect(sparsityReport(model)).rejects.toThrow(PruningError);
  });

  it('looks into nested models, and at a shared layer once', async () => {
    const shared = tfl.layers.dense({units: 2, name: 'shared', inputShape: [2]});
    const inner = tfl.sequential({name: 'inner', layers: [shared]});
    const input = tfl.input({shape: [2]});
    const output = shared.apply(inner.apply(input)) as tfl.SymbolicTensor;
    const {weights} = await sparsityReport(tfl.model({inputs: input, outputs: output}));
    expect(weights).toHaveLength(1);
    expect(weights[0].size).toBe(4);
  });

  it('reads once, however many weights, and makes no tensors', async () => {
    const model = mlp({units: [5, 5, 5]});
    const before = tf.memory().numTensors;
    const reads = countReads();
    const backend = tf.backend();
    const read = jest.mocked(backend.read);
    await sparsityReport(model);
    expect(read).toHaveBeenCalledTimes(1);
    reads.restore();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a model without anything to prune', async () => {
    const model = tfl.sequential({layers: [tfl.layers.flatten({inputShape: [2, 2]})]});
    await expect(sparsityReport(model)).rejects.toThrow('layers: expected at least one layer');
  });

  it('refuses what is not a model', async () => {
    const report = sparsityReport({} as tfl.LayersModel);
    await expect(report).rejects.toThrow('model: expected a tf.LayersModel or tf.Sequential');
    await expect(sparsityReport({} as tfl.LayersModel)).rejects.toBeInstanceOf(PruningError);
  });

  it('names a disposed weight', async () => {
    const model = mlp();
    model.weights[0].dispose();
    await expect(sparsityReport(model)).rejects.toThrow("but got 'a disposed one'");
  });
});

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {ConstantSparsity, PruningError, sparsityReport, stripPruning} from '../../lib/index';
import {setMask} from '../../lib/projection/mask';
import {countReads, mlp, setWeight} from '../setup/models';

describe('sparsityReport', () => {
  it('counts the zeros of each kernel', async () => {
    const model = mlp({inputs: 2, units: [2, 4]});
    setWeight(model.layers[0], 0, [0, 1, -2, -0]);
    setWeight(model.layers[1], 0, [0, 0, 3, 1, 1, 1, 1, 0]);
    expect(await sparsityReport(model)).toEqual({
      weights: [
        {name: 'dense_0/kernel', shape: [2, 2], size: 4, zeros: 2, sparsity: 0.5, masked: false},
        {name: 'dense_1/kernel', shape: [2, 4], size: 8, zeros: 3, sparsity: 0.375, masked: false},
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

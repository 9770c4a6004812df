import * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {checkCalibration, disposeBatches, readBatches} from '../../lib/data/calibration';
import {dataset, mlp, values} from '../setup/models';

let x: tf.Tensor;
let y: tf.Tensor;
beforeAll(() => {
  x = tf.reshape(tf.range(0, 20), [5, 4]);
  y = tf.reshape(tf.range(0, 10), [5, 2]);
});

describe('readBatches', () => {
  it('cuts tensors into batches', async () => {
    const model = mlp();
    const tensors = tf.memory().numTensors;
    const batches = await readBatches(model, {x, y, batchSize: 2}, true);
    expect(batches.map(({size}) => size)).toEqual([2, 2, 1]);
    expect([...values(batches[1].xs[0])]).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    expect([...values(batches[2].ys[0])]).toEqual([8, 9]);
    disposeBatches(batches);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(x.isDisposed).toBe(false);
  });

  it('reads a dataset up to the number that is asked for', async () => {
    const model = mlp();
    const tensors = tf.memory().numTensors;
    const all = await readBatches(model, dataset(), true);
    expect(all.map(({size}) => size)).toEqual([10, 10, 10, 10]);
    disposeBatches(all);
    const [first, ...none] = await readBatches(model, dataset(), false, 1);
    expect(first.ys).toEqual([]);
    expect(none).toEqual([]);
    disposeBatches([first]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('takes classes by their number, and a vector for one output, as fit does', async () => {
    const classes = mlp();
    classes.compile({optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy'});
    const [batch] = await readBatches(classes, {x, y: tf.tensor1d([0, 1, 0, 1, 0])}, true);
    expect(batch.ys[0].shape).toEqual([5, 1]);
    const wrong = readBatches(classes, {x, y}, true);
    await expect(wrong).rejects.toThrow(
      'calibration.y: expected a tensor of shape [samples, 1], but got [5,2].',
    );
  });

  it('takes a dataset of tensors by the names of inputs and outputs', async () => {
    const model = sequential({layers: [layers.dense({units: 1, inputShape: [2], name: 'p'})]});
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const named = {[model.inputNames[0]]: tf.ones([3, 2])};
    const values = [{xs: named, ys: {[model.outputNames[0]]: tf.ones([3, 1])}}];
    const iterator = async () => values[Symbol.iterator]();
    const [batch] = await readBatches(model, {size: 1, iterator} as never, true);
    expect([batch.xs[0].shape, batch.ys[0].shape]).toEqual([
      [3, 2],
      [3, 1],
    ]);
  });

  it('refuses what has no samples, and leaves no tensors', async () => {
    const model = mlp();
    const none = {x: tf.zeros([0, 4]), y: tf.zeros([0, 2])};
    await expect(readBatches(model, none, true)).rejects.toThrow(
      "calibration: expected at least one sample, but got 'none'.",
    );
    const wrong = mlp({inputs: 3});
    const more = tf.memory().numTensors;
    await expect(readBatches(wrong, dataset(), true)).rejects.toThrow(
      'calibration.xs: expected a tensor of shape [samples, 3], but got [10,4].',
    );
    expect(tf.memory().numTensors).toBe(more);
  });
});

describe('checkCalibration', () => {
  it.each<[() => unknown, string]>([
    [() => undefined, 'calibration: expected data {x, y} or a dataset of {xs, ys}, but got undef'],
    [() => x, 'calibration: expected options among x, y, batchSize'],
    [() => ({x: [1, 2]}), 'calibration.x: expected a tensor, or a list of tensors, but got [1,2].'],
    [() => ({x}), 'calibration.y: expected a tensor, or a list of tensors, but got undefined.'],
    [
      () => ({x, y, batchSize: 0}),
      'calibration.batchSize: expected an integer of at least 1, but got 0.',
    ],
    [
      () => ({size: Infinity, iterator: () => {}}),
      "calibration: expected a finite dataset: dataset.take(8), but got 'an endless one'.",
    ],
  ])('refuses %s', (calibration, message) => {
    expect(() => checkCalibration(calibration(), true)).toThrow(message);
  });
});

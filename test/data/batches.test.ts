import * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {datasetOf, disposeBatches, readBatches} from '../../lib/data/batches';
import {Evaluation} from '../../lib/data/evaluation';
import {data, dataset, mlp, values} from '../setup/models';

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

const numbers = () => ({
  x: tf.tidy(() => tf.reshape(tf.range(0, 10), [10, 1])),
  y: tf.tidy(() => tf.reshape(tf.range(100, 110), [10, 1])),
  batchSize: 4,
});

/** The inputs and targets of two epochs, in their order. */
async function read(seed: number): Promise<number[][][]> {
  const given = datasetOf(numbers(), {seed});
  const epochs: number[][][] = [];
  for (let epoch = 0; epoch < 2; ++epoch) {
    const iterator = await given.iterator();
    const batches: number[][] = [];
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      const {xs, ys} = next.value as {xs: tf.Tensor; ys: tf.Tensor};
      batches.push([...xs.dataSync()]);
      expect([...ys.dataSync()]).toEqual(batches[batches.length - 1].map((x) => x + 100));
      tf.dispose([xs, ys]);
    }
    epochs.push(batches);
  }
  return epochs;
}

describe('datasetOf', () => {
  it('gives each sample once an epoch, in an order that is the seed’s', async () => {
    const [first, second] = await read(1);
    expect(first.map((batch) => batch.length)).toEqual([4, 4, 2]);
    const sorted = (epoch: number[][]) => epoch.flat().sort((a, b) => a - b);
    expect(sorted(first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(sorted(second)).toEqual(sorted(first));
    expect(second).not.toEqual(first);
    expect(await read(1)).toEqual([first, second]);
    expect(await read(2)).not.toEqual([first, second]);
  });

  it.each([
    [5, 5],
    [40, 40],
    [99, 40],
  ])('spreads %s samples of tensors over all: %s', async (most, expected) => {
    const {x, y} = data();
    const part = datasetOf({x, y}, {most, batchSize: 16});
    const batches = await readBatches(mlp(), part, true);
    expect(batches.reduce((all, {size}) => all + size, 0)).toBe(expected);
    const rows = Array.from({length: expected}, (_, i) => (i * 40) / expected);
    expect(batches.flatMap(({xs: [each]}) => [...values(each)])).toEqual(
      rows.flatMap((row) => [...values(x)].slice(4 * row, 4 * row + 4)),
    );
    disposeBatches(batches);
    tf.dispose([x, y]);
  });

  it.each([
    [5, 10],
    [10, 10],
    [11, 20],
    [99, 40],
  ])('takes whole batches of a dataset up to %s samples: %s', async (most, expected) => {
    const evaluation = new Evaluation(mlp(), datasetOf(dataset(), {most}), 'loss');
    expect(await evaluation.value()).toBeGreaterThan(0);
    expect(evaluation.samples).toBe(expected);
  });

  it('makes a column of a vector, as fit does', async () => {
    const iterator = await datasetOf({x: tf.zeros([3, 2]), y: tf.tensor1d([1, 0, 1])}).iterator();
    const {xs, ys} = (await iterator.next()).value as {xs: tf.Tensor; ys: tf.Tensor};
    expect([xs.shape, ys.shape]).toEqual([
      [3, 2],
      [3, 1],
    ]);
  });
});

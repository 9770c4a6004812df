import * as tf from '@tensorflow/tfjs-core';

import {countSteps, datasetOf} from '../../lib/data/training_data';
import {dataset} from '../setup/models';

const numbers = () => ({
  x: tf.tidy(() => tf.reshape(tf.range(0, 10), [10, 1])),
  y: tf.tidy(() => tf.reshape(tf.range(100, 110), [10, 1])),
  batchSize: 4,
  epochs: 1,
});

/** The inputs and targets of two epochs, in their order. */
async function read(seed: number): Promise<number[][][]> {
  const given = datasetOf(numbers(), seed);
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
});

describe('countSteps', () => {
  it('counts the batches of an epoch', async () => {
    const before = tf.memory().numTensors;
    const given = numbers();
    expect(await countSteps(given)).toBe(3);
    tf.dispose([given.x, given.y]);
    const of = (size: number | null) => () => ({...dataset(), size}) as never;
    expect(await countSteps({dataset: of(4), epochs: 1})).toBe(4);
    expect(await countSteps({dataset: of(null), epochs: 1})).toBe(4);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses an endless dataset', async () => {
    const endless = () => ({...dataset(), size: Infinity}) as never;
    await expect(countSteps({dataset: endless, epochs: 1})).rejects.toThrow(
      'train.dataset: expected finite datasets',
    );
  });
});

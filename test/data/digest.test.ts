import * as tf from '@tensorflow/tfjs-core';

import {digestOf} from '../../lib/data/digest';
import type {SampleDataset} from '../../lib/data/samples';
import {data, dataset} from '../setup/models';

/** The rows of `x` and `y`, in batches of two, in this order. */
function rows(x: number[][], y: number[], order: number[]): SampleDataset {
  async function* batches() {
    for (let i = 0; i < order.length; i += 2) {
      const part = order.slice(i, i + 2);
      yield {xs: tf.tensor2d(part.map((k) => x[k])), ys: tf.tensor1d(part.map((k) => y[k]))};
    }
  }
  return {size: NaN, iterator: async () => batches()} as never;
}

const X = [
  [1, 2],
  [3, 4],
  [5, 6],
];

it('is the same for the same samples, in batches of any size, and keeps no tensor', async () => {
  const {x, y} = data();
  const before = tf.memory().numTensors;
  const digest = await digestOf({x, y});
  expect(digest).toMatch(/^[0-9a-f]{16}$/);
  expect(await digestOf({x, y: [y], batchSize: 7})).toBe(digest);
  expect(await digestOf(dataset())).toBe(await digestOf(dataset()));
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([x, y]);
});

it('tells values, shapes, orders and the pairing of tensors apart', async () => {
  const x = tf.tensor2d(X);
  const given = [
    {x},
    {x, y: tf.tensor1d([0, 1, 2])},
    {x, y: tf.tensor1d([0, 2, 1])},
    {x: tf.reverse(x, 0)},
    {x: tf.reshape(x, [3, 1, 2])},
    {x: tf.tensor2d([1, 2, 3, 4, 5, 6.0000005], [3, 2])},
    {x: tf.tensor2d([-0, 2, 3, 4, 5, 6], [3, 2])},
    {x: tf.tensor2d([0, 2, 3, 4, 5, 6], [3, 2])},
  ];
  const digests = await Promise.all(given.map(digestOf));
  expect(new Set(digests).size).toBe(given.length);
});

it('does not mind the order of a dataset, but which target belongs to which input', async () => {
  const digest = await digestOf(rows(X, [7, 8, 9], [0, 1, 2]));
  expect(await digestOf(rows(X, [7, 8, 9], [2, 0, 1]))).toBe(digest);
  expect(await digestOf(rows(X, [8, 7, 9], [0, 1, 2]))).not.toBe(digest);
  expect(await digestOf(rows(X, [7, 8, 9], [0, 1]))).not.toBe(digest);
});

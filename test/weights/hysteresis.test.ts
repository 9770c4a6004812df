import * as tf from '@tensorflow/tfjs-core';

import {favorKept} from '../../lib/weights/hysteresis';

it('divides the scores of kept weights by 1 − margin and of pruned ones by 1 + margin', () => {
  const scores = favorKept(tf.tensor1d([3, 3, 0]), tf.tensor1d([1, 0, 1]), 0.25);
  expect([...scores.dataSync()]).toEqual([4, expect.closeTo(2.4, 6), 0]);
});

it('favors what is kept below zero too', () => {
  const [kept, pruned] = favorKept(tf.tensor1d([-1, -1]), tf.tensor1d([1, 0]), 0.5).dataSync();
  expect(kept).toBe(0);
  expect(pruned).toBeCloseTo(-4 / 3, 6);
});

it('changes nothing with a margin of 0', () => {
  const scores = favorKept(tf.tensor1d([3, -2, 0.5]), tf.tensor1d([1, 0, 0]), 0);
  expect([...scores.dataSync()]).toEqual([3, -2, 0.5]);
});

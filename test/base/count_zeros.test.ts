import * as tf from '@tensorflow/tfjs-core';

import {countZeros, leaveNextToNothing} from '../../lib/base/count_zeros';

describe('countZeros', () => {
  it('counts 0 and −0, not NaN and the smallest numbers', async () => {
    const tensors = [
      tf.tensor1d([0, -0, NaN, 1e-30]),
      tf.tensor2d([0, 0, 0, 5], [2, 2]),
      tf.scalar(1),
    ];
    expect(await countZeros(tensors)).toEqual([2, 3, 0]);
    tf.dispose(tensors);
  });

  it('is exact beyond the integers of float32', async () => {
    const tensor = tf.zeros([4097, 4097]);
    const [ones] = [tf.ones([3])];
    expect(await countZeros([ones, tensor, ones])).toEqual([0, 4097 * 4097, 0]);
    ones.dispose();
    tensor.dispose();
  });

  it('of nothing is nothing', async () => {
    expect(await countZeros([])).toEqual([]);
  });
});

it.each([
  [99, 100, true],
  [991, 1000, true],
  [990, 1000, false],
  [3, 4, true],
  [4, 4, true],
  [2, 4, false],
  [1, 1, true],
  // A single weight that is there.
  [0, 1, false],
])('%d zeros of %d leave next to nothing: %p', (zeroCount, size, isSo) => {
  expect(leaveNextToNothing(zeroCount, size)).toBe(isSo);
});

import * as tf from '@tensorflow/tfjs-core';

import {countZeros} from '../../lib/base/count_zeros';

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

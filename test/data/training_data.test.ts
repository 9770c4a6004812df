import * as tf from '@tensorflow/tfjs-core';

import {countSteps} from '../../lib/data/training_data';
import {dataset} from '../setup/models';

const numbers = () => ({
  x: tf.tidy(() => tf.reshape(tf.range(0, 10), [10, 1])),
  y: tf.tidy(() => tf.reshape(tf.range(100, 110), [10, 1])),
  batchSize: 4,
  epochs: 1,
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

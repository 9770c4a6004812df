import * as tf from '@tensorflow/tfjs-core';

import {firstSamples} from '../../lib/auto/first_samples';
import {Evaluation} from '../../lib/data/evaluation';
import {data, dataset, mlp, values} from '../setup/models';

describe('firstSamples', () => {
  it.each([
    [5, 5],
    [40, 40],
    [99, 40],
  ])('of tensors are the first %s: %s', (count, expected) => {
    const {x, y} = data();
    const before = tf.memory().numTensors;
    const part = firstSamples({x, y: [y]}, count);
    const given = part.data as {x: tf.Tensor; y: tf.Tensor[]};
    expect(values(given.x)).toEqual(values(x).slice(0, 4 * expected));
    expect(values(given.y[0])).toEqual(values(y).slice(0, 2 * expected));
    part.dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, y]);
  });

  it.each([
    [5, 10],
    [10, 10],
    [11, 20],
    [99, 40],
  ])('of a dataset are whole batches up to %s: %s', async (count, expected) => {
    const part = firstSamples(dataset() as never, count);
    const evaluation = new Evaluation(mlp(), part.data, 'loss');
    expect(await evaluation.value()).toBeGreaterThan(0);
    expect(evaluation.samples).toBe(expected);
    part.dispose();
  });
});

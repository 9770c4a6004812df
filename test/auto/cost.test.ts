import * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {costOf} from '../../lib/auto/cost';
import {predictionMillis} from '../../lib/auto/prediction_millis';
import {pruneNow} from '../../lib/index';
import {weights} from '../setup/models';

/** 400 · 800 + 800 · 10 weights, and biases. */
const wide = () =>
  sequential({
    layers: [
      layers.dense({units: 800, inputShape: [400], name: 'wide'}),
      layers.dense({units: 10, name: 'last'}),
    ],
  });

it('counts the weights that are not zero, and what they multiply', async () => {
  const model = wide();
  await pruneNow(model, {sparsity: 0.75, layers: ['wide']});
  const left = 80_000 + 8_000;
  expect(await costOf(model, 'weight')).toEqual({parameters: left + 810, macs: left});
});

it('counts what shrink leaves', async () => {
  const model = wide();
  model.setWeights(
    model.getWeights().map((weight, i) => {
      const keep = tf.cast(tf.less(tf.range(0, 800), 200), 'float32');
      return tf.mul(tf.add(tf.abs(weight), 1), [keep, keep, tf.reshape(keep, [800, 1]), 1][i]);
    }),
  );
  const left = 400 * 200 + 200 * 10;
  expect(await costOf(model, 'neuron')).toEqual({parameters: left + 210, macs: left});
});

it('times predictions, and leaves nothing behind', async () => {
  const model = wide();
  const example = [tf.ones([1, 400])];
  const before = {numbers: weights(model), tensors: tf.memory().numTensors};
  const millis = await predictionMillis(model, example);
  expect(millis).toBeGreaterThan(0);
  expect(millis).toBeLessThan(1000);
  const cost = await costOf(model, 'neuron', example);
  expect(cost.millis).toBeGreaterThan(0);
  expect(weights(model)).toEqual(before.numbers);
  expect(tf.memory().numTensors).toBe(before.tensors);
});

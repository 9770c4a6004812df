import * as tf from '@tensorflow/tfjs-core';

import {checkSamples} from '../../lib/data/samples';

let x: tf.Tensor;
let y: tf.Tensor;
beforeAll(() => {
  [x, y] = [tf.zeros([5, 4]), tf.zeros([5, 2])];
});

describe('checkSamples', () => {
  it.each<[() => unknown, string]>([
    [() => undefined, 'calibration: expected data {x, y} or a dataset of {xs, ys}, but got undef'],
    [() => x, 'calibration: expected data {x, y} or a dataset of {xs, ys}, not x and y one by one'],
    [() => ({x: [1, 2]}), 'calibration.x: expected a tensor, or a list of tensors, but got [1,2].'],
    [() => ({x}), 'calibration.y: expected a tensor, or a list of tensors, but got undefined.'],
    [
      () => ({x, y, batchSize: 0}),
      'calibration.batchSize: expected an integer of at least 1, but got 0.',
    ],
    [
      () => ({x: tf.zeros([0, 4]), y}),
      "calibration.x: expected at least one sample, but got 'none'.",
    ],
    [
      () => ({size: 0, iterator: () => {}}),
      "calibration: expected at least one batch, but got 'an empty dataset'.",
    ],
    [
      () => ({size: Infinity, iterator: () => {}}),
      "calibration: expected a finite dataset: dataset.take(8), but got 'an endless one'.",
    ],
  ])('refuses %s', (samples, message) => {
    expect(() => checkSamples('calibration', samples())).toThrow(message);
  });

  it('needs no targets where inputs are enough', () => {
    expect(() => checkSamples('data', {x}, 'inputs')).not.toThrow();
    expect(() => checkSamples('data', {x, y: 1}, 'inputs')).toThrow('data.y: expected a tensor');
  });
});

import * as tf from '@tensorflow/tfjs-core';

import {SharedValues} from '../../../lib/projection/rounding/shared_values';

const numbers = (tensor: tf.Tensor) => [...tensor.dataSync()].map((value) => value + 0);

/** A weight of two rows, whose elements share 0, 1 and −2. */
function shared() {
  const weight = tf.tidy(() => tf.variable(tf.tensor2d([1, 1, 0, -2, -2, 1], [2, 3])));
  const values = new SharedValues(Float32Array.of(0, 1, -2), Int32Array.of(1, 1, 0, 2, 2, 1));
  const add = (delta: number[], mask: number[] | null = null) => {
    tf.tidy(() => {
      weight.assign(tf.add(weight, tf.tensor2d(delta, [2, 3])));
      values.project(weight, mask && tf.tensor2d(mask, [2, 3]));
    });
    return numbers(weight);
  };
  return {weight, values, add};
}

it('moves a value by the mean of what was added to its elements, and keeps zero', () => {
  const {add} = shared();
  expect(add([0.5, 1, 9, 0, -1, 0])).toEqual([1.5, 1.5, 0, -2.5, -2.5, 1.5]);
  expect(add([-3, 0, 9, 1, 1, 0])).toEqual([0.5, 0.5, 0, -1.5, -1.5, 0.5]);
});

it('takes the mean of those that are not masked', () => {
  const {add} = shared();
  const mask = [0, 1, 1, 0, 0, 1];
  // What masking has taken away does not count.
  expect(add([-1, 0.5, 0, 2, 2, 1.5], mask)).toEqual([0, 2, 0, 0, 0, 2]);
  // −2 has no elements left, and stays as it was.
  const [first, , , , , last] = add([1, 1, 0, 0, 0, 0], mask);
  expect([first, last]).toEqual([0, 2.5]);
});

it('stays exact over many elements that are alike', () => {
  const size = 200_000;
  const weight = tf.tidy(() => tf.variable(tf.fill([size], 0.1)));
  const values = new SharedValues(Float32Array.of(0, 0.1), new Int32Array(size).fill(1));
  for (let step = 0; step < 5; ++step) {
    weight.assign(tf.add(weight, 0));
    values.project(weight, null);
  }
  const [first] = weight.dataSync();
  expect(first).toBe(Math.fround(0.1));
  values.dispose();
  weight.dispose();
});

it('holds four tensors', () => {
  const before = tf.memory().numTensors;
  const {weight, values, add} = shared();
  add([1, 0, 0, 0, 0, 0]);
  weight.dispose();
  expect(tf.memory().numTensors).toBe(before + 4);
  values.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

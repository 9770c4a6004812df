import * as tf from '@tensorflow/tfjs-core';

import {DenseCopy} from '../../lib/projection/dense_copy';
import type {Change} from '../../lib/projection/registry';

const numbers = (tensor: tf.Tensor) => [...tensor.dataSync()].map((value) => value + 0);

/** A weight and its copy, projected to multiples of 4. */
function rounded(...values: number[]) {
  const weight = tf.tidy(() => tf.variable(tf.tensor1d(values)));
  const copy = DenseCopy.of(weight);
  const project = (change: Change = 'update') =>
    tf.tidy(() => {
      const fours = (dense: tf.Tensor) => tf.mul(tf.round(tf.div(dense, 4)), 4);
      weight.assign(copy.project(weight, change, fours) as tf.Tensor1D);
    });
  return {weight, copy, project};
}

it('starts as the weight itself', () => {
  const {weight, copy} = rounded(1, 5, 7);
  expect(numbers(copy.dense(weight))).toEqual([1, 5, 7]);
});

it('leaves the projection in the weight, and what it took away in the copy', () => {
  const {weight, copy, project} = rounded(1, 5, 7);
  project();
  expect(numbers(weight)).toEqual([0, 4, 8]);
  expect(numbers(copy.dense(weight))).toEqual([1, 5, 7]);
});

it('adds up what happens to the weight', () => {
  const {weight, copy, project} = rounded(1, 5, 7);
  const rows = [1, 2, 3].map(() => {
    tf.tidy(() => weight.assign(tf.add(weight, [0.75, 1, -2])));
    project();
    return [...numbers(weight), ...numbers(copy.dense(weight))];
  });
  expect(rows).toEqual([
    [0, 8, 4, 1.75, 6, 5],
    [4, 8, 4, 2.5, 7, 3],
    [4, 8, 0, 3.25, 8, 1],
  ]);
});

it('takes values that replace the weight as they are', () => {
  const {weight, copy, project} = rounded(1, 5, 7);
  project();
  tf.tidy(() => weight.assign(tf.tensor1d([3, -3, 0.5])));
  project('replacement');
  expect(numbers(weight)).toEqual([4, -4, 0]);
  expect(numbers(copy.dense(weight))).toEqual([3, -3, 0.5]);
});

it('goes its own way when it is cloned', () => {
  const {weight, copy, project} = rounded(1, 5, 7);
  project();
  const clone = copy.clone();
  tf.tidy(() => weight.assign(tf.add(weight, 1)));
  project();
  expect(numbers(clone.dense(tf.tensor1d([0, 4, 8])))).toEqual([1, 5, 7]);
  copy.dispose();
  expect(numbers(clone.dense(tf.tensor1d([0, 4, 8])))).toEqual([1, 5, 7]);
  clone.dispose();
});

it('holds one tensor, also where it is used in a tidy', () => {
  const before = tf.memory().numTensors;
  const {weight, copy, project} = rounded(1, 5, 7);
  tf.tidy(() => project());
  project();
  weight.dispose();
  expect(tf.memory().numTensors).toBe(before + 1);
  copy.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

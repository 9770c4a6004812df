import * as tf from '@tensorflow/tfjs-core';

import {setMask} from '../../../lib/projection/mask';
import {reproject} from '../../../lib/projection/registry';
import {roundingOf, setRounding} from '../../../lib/projection/rounding/rounding';
import {SharedValues} from '../../../lib/projection/rounding/shared_values';
import {mlp, setWeight} from '../../setup/models';

const MAKER = {};

const numbers = (tensor: tf.Tensor) => [...tensor.dataSync()].map((value) => value + 0);

/** A weight whose elements share 0, 1 and −2. */
function shared() {
  const model = mlp({inputs: 2, units: [3]});
  setWeight(model.layers[0], 0, [1, 1, 0, -2, -2, 1]);
  const [variable] = model.layers[0].weights;
  const values = () =>
    SharedValues.of(MAKER, {
      values: Float32Array.of(0, 1, -2),
      indices: Int32Array.of(1, 1, 0, 2, 2, 1),
    });
  const add = (delta: number[], mask: number[] | null = null) => {
    if (mask) {
      setMask(variable, tf.tensor2d(mask, [2, 3]));
    }
    // What the weight is made of by a step of an optimizer.
    const weight = variable.read() as tf.Variable;
    const gradient = tf.tensor2d(delta, [2, 3]);
    const loss = () => tf.neg(tf.sum(tf.mul(weight, gradient))) as tf.Scalar;
    const optimizer = tf.train.sgd(1);
    optimizer.minimize(loss, false, [weight]);
    optimizer.dispose();
    gradient.dispose();
    return numbers(weight);
  };
  return {model, variable, values, add};
}

it('moves a value by the mean of what was added to its elements, and keeps zero', () => {
  const {variable, values, add} = shared();
  setRounding(variable, values());
  expect(add([0.5, 1, 9, 0, -1, 0])).toEqual([1.5, 1.5, 0, -2.5, -2.5, 1.5]);
  expect(add([-3, 0, 9, 1, 1, 0])).toEqual([0.5, 0.5, 0, -1.5, -1.5, 0.5]);
});

it('takes the mean of those that are not masked', () => {
  const {variable, values, add} = shared();
  setRounding(variable, values());
  const mask = [0, 1, 1, 0, 0, 1];
  // What masking has taken away does not count.
  expect(add([0, 0.5, 0, 2, 2, 1.5], mask)).toEqual([0, 2, 0, 0, 0, 2]);
  // −2 has no elements left, and stays as it was.
  const [first, , , , , last] = add([1, 1, 0, 0, 0, 0]);
  expect([first, last]).toEqual([0, 2.5]);
});

it('stays exact over many elements that are alike', () => {
  const size = 200_000;
  const model = mlp({inputs: size, units: [1]});
  const [variable] = model.layers[0].weights;
  setWeight(model.layers[0], 0, new Float32Array(size).fill(0.1));
  setRounding(
    variable,
    SharedValues.of(MAKER, {
      values: Float32Array.of(0, 0.1),
      indices: new Int32Array(size).fill(1),
    }),
  );
  for (let step = 0; step < 5; ++step) {
    reproject(variable);
  }
  expect(variable.read().dataSync()[0]).toBe(Math.fround(0.1));
  model.dispose();
});

it('keeps what replaces the weight, for clusters that fit it', () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  const {model, variable, values} = shared();
  const rounding = values();
  setRounding(variable, rounding);
  expect(rounding.unfitting).toBeNull();
  setWeight(model.layers[0], 0, [1, 3, 5, 7, 9, 11]);
  expect(numbers(variable.read())).toEqual([5, 5, 0, 8, 8, 5]);
  expect(numbers(rounding.unfitting!)).toEqual([1, 3, 5, 7, 9, 11]);
  setWeight(model.layers[0], 0, [1, 3, 5, 7, 9, 12]);
  expect(numbers(rounding.unfitting!)).toEqual([1, 3, 5, 7, 9, 12]);
  expect(warn.mock.calls).toEqual([
    [
      "ClusterWeights: other values were written to 'dense_0/kernel'. Until the next fit with " +
        'ClusterWeights they use the clusters of the earlier values.',
    ],
  ]);
  // The next rounding starts from them.
  setRounding(
    variable,
    SharedValues.of(MAKER, {
      values: Float32Array.of(0, 2, 9),
      indices: Int32Array.of(1, 1, 0, 2, 2, 2),
    }),
  );
  expect(numbers(variable.read()).map((value) => +value.toFixed(4))).toEqual([
    2, 2, 0, 9.3333, 9.3333, 9.3333,
  ]);
  model.dispose();
  warn.mockRestore();
});

it('holds four tensors, a clone four of its own, and both are freed with the weight or by hand', () => {
  const before = tf.memory().numTensors;
  const {model, variable, values, add} = shared();
  const made = tf.memory().numTensors;
  setRounding(variable, values());
  add([1, 0, 0, 0, 0, 0]);
  const clone = roundingOf(variable)!.clone();
  expect(tf.memory().numTensors).toBe(made + 8);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before + 4);
  clone.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

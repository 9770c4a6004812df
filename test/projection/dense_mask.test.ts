import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {keepDense} from '../../lib/projection/dense_mask';
import {finaliseMask} from '../../lib/projection/finalise_mask';
import {denseOf, maskOf, setMask} from '../../lib/projection/mask';
import {mlp, setWeight, values} from '../setup/models';

/** A weight of the given numbers. */
function weight(...numbers: number[]): tfl.LayerVariable {
  const model = mlp({inputs: numbers.length, units: [1]});
  setWeight(model.layers[0], 0, numbers);
  return model.layers[0].weights[0];
}

function maskFor(variable: tfl.LayerVariable, ...numbers: number[]): tf.Tensor {
  return tf.tensor(numbers, variable.shape as number[], 'float32');
}

function write(variable: tfl.LayerVariable, ...numbers: number[]): void {
  setWeight({weights: [variable]} as tfl.layers.Layer, 0, numbers);
}

/** Adds numbers to a weight by a step of an optimizer. */
function step(variable: tfl.LayerVariable, ...numbers: number[]): void {
  const added = tf.tensor(numbers, variable.shape as number[], 'float32');
  const loss = () => tf.neg(tf.sum(tf.mul(variable.read(), added))) as tf.Scalar;
  tf.train.sgd(1).minimize(loss, false, [variable.read() as tf.Variable]);
  added.dispose();
}

describe('keepDense', () => {
  it('brings back what a new mask keeps, with all that an optimizer added meanwhile', () => {
    const variable = weight(1, 2, 3);
    setMask(variable, maskFor(variable, 1, 1, 0));
    keepDense(variable);
    setMask(variable, maskFor(variable, 0, 1, 0));
    step(variable, 0.5, 2, -1);
    expect([...values(variable)].map((value) => value + 0)).toEqual([0, 4, 0]);
    expect([...denseOf(variable).dataSync()]).toEqual([1.5, 4, -1]);
    setMask(variable, maskFor(variable, 1, 0, 1));
    expect([...values(variable)].map((value) => value + 0)).toEqual([1.5, 0, -1]);
  });

  it('takes values that replace the weight in place of the dense ones', () => {
    const variable = weight(1, 2, 3);
    keepDense(variable);
    setMask(variable, maskFor(variable, 0, 1, 0));
    write(variable, 7, 8, 9);
    expect([...values(variable)]).toEqual([0, 8, 0]);
    expect([...denseOf(variable).dataSync()]).toEqual([7, 8, 9]);
  });

  it('gives a weight without a mask one that keeps all', () => {
    const variable = weight(1, 2, 3);
    keepDense(variable);
    expect([...values(maskOf(variable)!)]).toEqual([1, 1, 1]);
    expect([...values(variable)]).toEqual([1, 2, 3]);
  });

  it('is free of charge where there is a copy, and ends with the mask', () => {
    const variable = weight(1, 2, 3);
    const before = tf.memory().numTensors;
    keepDense(variable);
    keepDense(variable);
    expect(tf.memory().numTensors).toBe(before + 2);
    setMask(variable, maskFor(variable, 1, 0, 1));
    finaliseMask(variable);
    expect(tf.memory().numTensors).toBe(before);
    expect(denseOf(variable)).toBe(variable.read());
  });
});

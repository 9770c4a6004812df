import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {stripPruning} from '../../../lib/index';
import {setMask} from '../../../lib/projection/mask';
import {measure} from '../../../lib/report/logger/entry';
import {countReads, mlp, setWeight} from '../../setup/models';

/** A kernel of 4 and one of 2; the first is masked. */
function halfMasked(mask: number[] = [1, 0, 1, 1]): tfl.Sequential {
  const model = mlp({inputs: 2, units: [2, 1]});
  setWeight(model.layers[0], 0, [-3, 0.125, -0.5, 2]);
  setWeight(model.layers[1], 0, [0, 4]);
  setMask(model.layers[0].weights[0], tf.tensor2d(mask, [2, 2]));
  return model;
}

describe('measure', () => {
  it('counts zeros, and finds the smallest magnitude that a mask keeps', async () => {
    const model = halfMasked();
    expect(await measure(model, 3)).toEqual({
      epoch: 3,
      step: 0,
      sparsity: 2 / 6,
      weights: [
        {name: 'dense_0/kernel', size: 4, zeros: 1, sparsity: 0.25, threshold: 0.5},
        {name: 'dense_1/kernel', size: 2, zeros: 1, sparsity: 0.5, threshold: null},
      ],
    });
    stripPruning(model);
  });

  it.each([
    ['null where a mask keeps nothing', [0, 0, 0, 0], null],
    ['over all elements where it keeps all', [1, 1, 1, 1], 0.125],
  ])('has a threshold %s', async (_, mask, threshold) => {
    const model = halfMasked(mask);
    expect((await measure(model, 1)).weights[0].threshold).toBe(threshold);
    stripPruning(model);
  });

  it('has a threshold of 0 where a kept element is zero', async () => {
    const model = halfMasked();
    const pruned = (await measure(model, 1)).weights[0].zeros;
    setWeight(model.layers[0], 0, [0, 0, 0, 0]);
    expect((await measure(model, 1)).weights[0]).toMatchObject({threshold: 0});
    expect(pruned).toBe(1);
    stripPruning(model);
  });

  it('gives each weight its own threshold, those that are not prunable by default too', async () => {
    const model = halfMasked();
    setWeight(model.layers[0], 1, [7, 5]);
    setMask(model.layers[0].weights[1], tf.tensor1d([1, 0]));
    setMask(model.layers[1].weights[0], tf.tensor2d([0, 1], [2, 1]));
    const {weights} = await measure(model, 1);
    expect(weights.map(({name}) => name.split('/').pop())).toEqual(['kernel', 'kernel', 'bias']);
    expect(weights.map(({threshold}) => threshold)).toEqual([0.5, 4, 7]);
    stripPruning(model);
  });

  it('reads twice at most, and leaves no tensors', async () => {
    const model = halfMasked();
    const before = tf.memory().numTensors;
    const reads = countReads(tf.engine());
    await measure(model, 1);
    expect(reads.count()).toBe(2);
    stripPruning(model);
    await measure(model, 1);
    expect(reads.count()).toBe(3);
    reads.restore();
    expect(tf.memory().numTensors).toBe(before - 1);
  });

  it('leaves no tensors when a weight is disposed', async () => {
    const model = halfMasked();
    model.layers[1].weights[0].dispose();
    const before = tf.memory().numTensors;
    await expect(measure(model, 1)).rejects.toThrow("but got 'a disposed one'");
    await new Promise(setImmediate);
    expect(tf.memory().numTensors).toBe(before);
  });
});

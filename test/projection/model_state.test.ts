import * as tf from '@tensorflow/tfjs-core';

import {getMask, pruneNow, setMask, stripPruning} from '../../lib/index';
import {preserving} from '../../lib/projection/model_state';
import {kernel, mlp, state, train, values} from '../setup/models';

describe('preserving', () => {
  it('gives back weights to the bit, and masks that were there, as often as asked', async () => {
    const model = mlp();
    await setMask(model, 'dense_1', tf.ones([6, 2]));
    await pruneNow(model, {sparsity: 0.5, layers: ['dense_1']});
    const before = state(model);
    const mask = values(getMask(model, 'dense_1')!);
    const tensors = tf.memory().numTensors;
    await preserving(model, async ({restore}) => {
      expect(restore).toBeInstanceOf(Function);
      await pruneNow(model, {sparsity: 0.9});
      await train(model, 2);
    });
    expect((state(model) as {weights: unknown}).weights).toEqual(
      (before as {weights: unknown}).weights,
    );
    expect(values(getMask(model, 'dense_1')!)).toEqual(mask);
    expect(getMask(model, 'dense_0')).toBeNull();
    // The two masks that were asked for here; sgd has no slots.
    expect(tf.memory().numTensors - tensors).toBe(1);
    stripPruning(model);
  });

  it('does so where the task throws', async () => {
    const model = mlp();
    const before = kernel(model, 'dense_0');
    const fails = preserving(model, async () => {
      await pruneNow(model, {sparsity: 0.9});
      throw new Error('enough');
    });
    await expect(fails).rejects.toThrow('enough');
    expect(kernel(model, 'dense_0')).toEqual(before);
    expect(getMask(model, 'dense_0')).toBeNull();
  });
});

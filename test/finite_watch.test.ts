import * as tf from '@tensorflow/tfjs-core';

import {PruningError} from '../lib/errors';
import {FiniteWatch} from '../lib/finite_watch';
import {prunableWeights} from '../lib/prunable';
import {countReads, kernel, mlp, setWeight} from './setup/models';

function watched() {
  const model = mlp();
  const spoil = (layer: number, value: number) => {
    const numbers = kernel(model, `dense_${layer}`);
    numbers[numbers.length - 1] = value;
    setWeight(model.layers[layer], 0, numbers);
  };
  return {model, spoil, watch: new FiniteWatch(prunableWeights(model))};
}

function poisonOf(poison: tf.Tensor): number {
  const [value] = poison.dataSync();
  poison.dispose();
  return value + 0;
}

it('gives 0 for finite weights, and does not throw', async () => {
  const {watch} = watched();
  expect(poisonOf(watch.look(3))).toBe(0);
  await watch.throwIfSpoilt();
});

it.each([NaN, Infinity, -Infinity])(
  'gives NaN for a weight with %p, and names it',
  async (value) => {
    const {watch, spoil} = watched();
    spoil(1, value);
    expect(poisonOf(watch.look(3))).toBeNaN();
    const error = await watch.throwIfSpoilt().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PruningError);
    expect((error as PruningError).message).toBe(
      "weight 'dense_1/kernel' at step 3: expected finite numbers, but got 'NaN or infinity: lower " +
        "the learning rate, or look for a NaN in the data'.",
    );
  },
);

it('gives NaN where one weight has an infinity and another its opposite', async () => {
  const {watch, spoil} = watched();
  spoil(0, Infinity);
  spoil(1, -Infinity);
  expect(poisonOf(watch.look(0))).toBeNaN();
  await expect(watch.throwIfSpoilt()).rejects.toThrow("weight 'dense_0/kernel' at step 0");
});

it('names the step at which a weight was first not finite', async () => {
  const {watch, spoil} = watched();
  watch.look(1).dispose();
  spoil(1, NaN);
  watch.look(2).dispose();
  spoil(1, Infinity);
  watch.look(3).dispose();
  await expect(watch.throwIfSpoilt()).rejects.toThrow("weight 'dense_1/kernel' at step 2");
});

it('remembers a weight that is finite again', async () => {
  const {watch, spoil} = watched();
  spoil(0, NaN);
  watch.look(1).dispose();
  spoil(0, 1);
  expect(poisonOf(watch.look(2))).toBe(0);
  await expect(watch.throwIfSpoilt()).rejects.toThrow("weight 'dense_0/kernel' at step 1");
});

it('forgets once it has thrown, and when it is disposed', async () => {
  const {watch, spoil} = watched();
  spoil(0, NaN);
  watch.look(1).dispose();
  await expect(watch.throwIfSpoilt()).rejects.toThrow(PruningError);
  await watch.throwIfSpoilt();
  watch.look(2).dispose();
  watch.dispose();
  await watch.throwIfSpoilt();
});

it('reads nothing while it looks, once when asked, and nothing where it did not look', async () => {
  const {watch} = watched();
  const reads = countReads(tf.engine());
  watch.look(1).dispose();
  watch.look(2).dispose();
  expect(reads.count()).toBe(0);
  await watch.throwIfSpoilt();
  expect(reads.count()).toBe(1);
  await watch.throwIfSpoilt();
  expect(reads.count()).toBe(1);
  reads.restore();
});

it('keeps one tensor, through the end of a tidy', async () => {
  const {watch} = watched();
  const before = tf.memory().numTensors;
  tf.tidy(() => void watch.look(1));
  tf.tidy(() => void watch.look(2));
  expect(tf.memory().numTensors).toBe(before + 1);
  await watch.throwIfSpoilt();
  expect(tf.memory().numTensors).toBe(before);
  watch.look(3).dispose();
  watch.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

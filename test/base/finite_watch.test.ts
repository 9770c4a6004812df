import * as tf from '@tensorflow/tfjs-core';

import {PruningError} from '../../lib/base/errors';
import {FiniteWatch} from '../../lib/base/finite_watch';
import {prunableWeights} from '../../lib/model/prunable';
import {readWeight} from '../../lib/model/read_weight';
import {countReads, kernel, mlp, setWeight} from '../setup/models';

function watched() {
  const model = mlp();
  const spoil = (layer: number, value: number) => {
    const numbers = kernel(model, `dense_${layer}`);
    numbers[numbers.length - 1] = value;
    setWeight(model.layers[layer], 0, numbers);
  };
  const weights = prunableWeights(model);
  const watch = new FiniteWatch(
    weights.map(({name}) => `weight '${name}'`),
    'lower the learning rate',
  );
  const tensors = () => weights.map(({variable}) => readWeight(variable));
  return {model, spoil, watch, look: (step: number) => watch.look(step, tensors())};
}

function poisonOf(poison: tf.Tensor): number {
  const [value] = poison.dataSync();
  poison.dispose();
  return value + 0;
}

it('gives 0 for finite weights, and does not throw', async () => {
  const {watch, look} = watched();
  expect(poisonOf(look(3))).toBe(0);
  await watch.throwIfSpoilt();
});

it.each([NaN, Infinity, -Infinity])(
  'gives NaN for a weight with %p, and names it',
  async (value) => {
    const {watch, spoil, look} = watched();
    spoil(1, value);
    expect(poisonOf(look(3))).toBeNaN();
    const error = await watch.throwIfSpoilt().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PruningError);
    expect((error as PruningError).message).toBe(
      "weight 'dense_1/kernel' at step 3: expected finite numbers, but got 'NaN or infinity: lower " +
        "the learning rate'.",
    );
  },
);

it('gives NaN where one weight has an infinity and another its opposite', async () => {
  const {watch, spoil, look} = watched();
  spoil(0, Infinity);
  spoil(1, -Infinity);
  expect(poisonOf(look(0))).toBeNaN();
  await expect(watch.throwIfSpoilt()).rejects.toThrow("weight 'dense_0/kernel' at step 0");
});

it('names the step at which a weight was first not finite', async () => {
  const {watch, spoil, look} = watched();
  look(1).dispose();
  spoil(1, NaN);
  look(2).dispose();
  spoil(1, Infinity);
  look(3).dispose();
  await expect(watch.throwIfSpoilt()).rejects.toThrow("weight 'dense_1/kernel' at step 2");
});

it('remembers a weight that is finite again', async () => {
  const {watch, spoil, look} = watched();
  spoil(0, NaN);
  look(1).dispose();
  spoil(0, 1);
  expect(poisonOf(look(2))).toBe(0);
  await expect(watch.throwIfSpoilt()).rejects.toThrow("weight 'dense_0/kernel' at step 1");
});

it('forgets once it has thrown, and when it is disposed', async () => {
  const {watch, spoil, look} = watched();
  spoil(0, NaN);
  look(1).dispose();
  await expect(watch.throwIfSpoilt()).rejects.toThrow(PruningError);
  await watch.throwIfSpoilt();
  look(2).dispose();
  watch.dispose();
  await watch.throwIfSpoilt();
});

it('reads nothing while it looks, once when asked, and nothing where it did not look', async () => {
  const {watch, look} = watched();
  const reads = countReads(tf.engine());
  look(1).dispose();
  look(2).dispose();
  expect(reads.count()).toBe(0);
  await watch.throwIfSpoilt();
  expect(reads.count()).toBe(1);
  await watch.throwIfSpoilt();
  expect(reads.count()).toBe(1);
  reads.restore();
});

it('keeps one tensor, through the end of a tidy', async () => {
  const {watch, look} = watched();
  const before = tf.memory().numTensors;
  tf.tidy(() => void look(1));
  tf.tidy(() => void look(2));
  expect(tf.memory().numTensors).toBe(before + 1);
  await watch.throwIfSpoilt();
  expect(tf.memory().numTensors).toBe(before);
  look(3).dispose();
  watch.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

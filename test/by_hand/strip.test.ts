import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {ConstantSparsity, PruningError, stripPruning} from '../../lib/index';
import {maskZeros, maskOf, setMask} from '../../lib/projection/mask';
import {
  QUIET,
  countReads,
  data,
  kernel,
  kernelZeros,
  loaded,
  mlp,
  saved,
  setWeight,
  state,
  train,
  weights,
  zeroPositions,
  hooked,
} from '../setup/models';

/** An MLP pruned to 0.5: 12 of 24 and 6 of 12. */
async function pruned(optimizer = 'sgd'): Promise<tfl.Sequential> {
  const model = mlp({optimizer});
  const {x, y} = data();
  const callbacks = [new ConstantSparsity({targetSparsity: 0.5, beginStep: 0})];
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
  tf.dispose([x, y]);
  return model;
}

it('returns the model, with the masked weights zero and the others as they were', async () => {
  const model = await pruned();
  const before = weights(model);
  expect(stripPruning(model)).toBe(model);
  const same = (list: number[][]) => list.map((numbers) => numbers.map((value) => value + 0));
  expect(same(weights(model))).toEqual(same(before));
  expect(kernelZeros(model)).toEqual([12, 6]);
});

it('leaves no −0', async () => {
  const model = await pruned('adam');
  stripPruning(model);
  for (const name of ['dense_0', 'dense_1']) {
    const zeros = [...kernel(model, name)].filter((value) => value === 0);
    expect(zeros.some((value) => Object.is(value, -0))).toBe(false);
  }
});

it('frees the masks', async () => {
  const model = await pruned();
  const before = tf.memory();
  stripPruning(model);
  expect(tf.memory().numTensors).toBe(before.numTensors - 2);
  expect(tf.memory().numBytes).toBe(before.numBytes - 4 * (24 + 12));
  expect(model.weights.map(maskOf)).toEqual([undefined, undefined, undefined, undefined]);
});

it('reads nothing back', async () => {
  const model = await pruned();
  const reads = countReads();
  stripPruning(model);
  expect(reads.count()).toBe(0);
  reads.restore();
});

it('leaves a model that was never masked as it is', () => {
  const model = mlp();
  const before = state(model);
  const ids = model.weights.map((variable) => variable.read().dataId);
  stripPruning(model);
  expect(state(model)).toEqual(before);
  model.weights.forEach((variable, i) => expect(variable.read().dataId).toBe(ids[i]));
});

it('may be called twice', async () => {
  const model = await pruned();
  stripPruning(model);
  const before = state(model);
  stripPruning(model);
  expect(state(model)).toEqual(before);
});

it('ends pruning in the middle of training', async () => {
  const model = mlp();
  const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0});
  pruner.setModel(model);
  await pruner.onTrainBegin();
  await train(model, 1);
  stripPruning(model);
  expect(kernelZeros(model)).toEqual([12, 6]);
  await train(model, 1);
  expect(kernelZeros(model)).toEqual([0, 0]);
  await pruner.onTrainEnd();
  expect(Object.hasOwn(model.optimizer, 'applyGradients')).toBe(false);
});

it('strips a model that was never compiled', () => {
  const model = tfl.sequential({layers: [tfl.layers.dense({units: 1, inputShape: [3]})]});
  setWeight(model.layers[0], 0, [0, 2, 0]);
  maskZeros(model.weights[0]);
  stripPruning(model);
  expect(maskOf(model.weights[0])).toBeUndefined();
});

it('leaves the masks of other models alone', async () => {
  const [one, other] = [await pruned(), await pruned()];
  stripPruning(one);
  expect(maskOf(one.weights[0])).toBeUndefined();
  expect(maskOf(other.weights[0])).toBeDefined();
  stripPruning(other);
});

it('strips nested models', async () => {
  const inner = tfl.sequential({layers: [tfl.layers.dense({units: 2, inputShape: [3]})]});
  const model = tfl.sequential({layers: [inner]});
  setMask(inner.layers[0].weights[0], tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2]));
  stripPruning(model);
  expect(maskOf(inner.layers[0].weights[0])).toBeUndefined();
});

it('saves and loads the same zeros', async () => {
  const model = await pruned();
  stripPruning(model);
  const copy = await loaded(await saved(model));
  expect(weights(copy)).toEqual(weights(model));
  for (const name of ['dense_0', 'dense_1']) {
    expect(zeroPositions(kernel(copy, name))).toEqual(zeroPositions(kernel(model, name)));
  }
  expect(kernelZeros(copy)).toEqual([12, 6]);
});

it('saves zeros that are zero bytes', async () => {
  const model = await pruned();
  const {weightData} = await saved(stripPruning(model));
  const words = [...new Uint32Array(weightData as ArrayBuffer)];
  const kernels = [words.slice(0, 24), words.slice(24 + 6, 24 + 6 + 12)];
  const count = (wanted: number) =>
    kernels.map((list) => list.filter((word) => word === wanted).length);
  expect(count(0)).toEqual([12, 6]);
  expect(count(0x80000000)).toEqual([0, 0]);
});

it('strips the others where a weight is disposed, whose mask went with it', async () => {
  const model = await pruned();
  const [first, , second] = model.weights;
  const [firstMask, mask] = [maskOf(first)!, maskOf(second)!];
  first.dispose();
  expect(firstMask.isDisposed).toBe(true);
  stripPruning(model);
  expect(mask.isDisposed).toBe(true);
  expect(hooked(model)).toBe(false);
});

it.each([null, undefined, {}, 'model'])('refuses %p', (value) => {
  expect(() => stripPruning(value as unknown as tfl.LayersModel)).toThrow(PruningError);
  expect(() => stripPruning(value as unknown as tfl.LayersModel)).toThrow(
    'model: expected a tf.LayersModel or tf.Sequential',
  );
});

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  getMask,
  pruneNow,
  applyMasks,
  PruningError,
  setMask,
  sparsityReport,
  stripPruning,
} from '../../lib/index';

const KERNEL = [
  [1, -2, 3],
  [-4, 5, -6],
];

function model(): tfl.Sequential {
  const kernel = tf.tensor2d(KERNEL);
  const made = tfl.sequential({
    layers: [tfl.layers.dense({units: 3, inputShape: [2], useBias: false, name: 'd'})],
  });
  made.setWeights([kernel]);
  kernel.dispose();
  made.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  return made;
}

const kernelOf = (made: tfl.LayersModel) => [...made.getWeights()[0].dataSync()];
const train = async (made: tfl.LayersModel) => {
  const [x, y] = [tf.ones([4, 2]), tf.ones([4, 3])];
  await made.trainOnBatch(x, y);
  tf.dispose([x, y]);
};

describe('pruneNow', () => {
  it('prunes the smallest at once', async () => {
    const made = model();
    await pruneNow(made, {sparsity: 0.5});
    expect(kernelOf(made).map(Math.abs)).toEqual([0, 0, 0, 4, 5, 6]);
  });

  it('counts all weights and keeps earlier zeros, also when stripped', async () => {
    const made = model();
    await pruneNow(made, {sparsity: 0.5, criterion: 'random', seed: 3});
    const first = kernelOf(made).map((value) => Math.abs(value) === 0);
    stripPruning(made);
    await pruneNow(made, {sparsity: 0.5, criterion: 'random', seed: 4});
    expect(kernelOf(made).map((value) => Math.abs(value) === 0)).toEqual(first);
    await pruneNow(made, {sparsity: 0.67, criterion: 'random', seed: 5});
    expect((await sparsityReport(made)).zeros).toBe(4);
  });

  it('counts what remains where asked: 0.5 twice is 0.75', async () => {
    const made = tfl.sequential({layers: [tfl.layers.dense({units: 10, inputShape: [10]})]});
    await pruneNow(made, {sparsity: 0.5, ofRemaining: true});
    await pruneNow(made, {sparsity: 0.5, ofRemaining: true});
    expect((await sparsityReport(made)).sparsity).toBe(0.75);
  });

  it('takes a function as criterion', async () => {
    const made = model();
    const largest = (weight: tf.Tensor) => tf.neg(tf.abs(weight));
    await pruneNow(made, {sparsity: 0.34, criterion: largest});
    expect(kernelOf(made).map(Math.abs)).toEqual([1, 2, 3, 4, 0, 0]);
  });

  it('holds in training until the model is stripped', async () => {
    const made = model();
    await pruneNow(made, {sparsity: 0.5});
    await train(made);
    expect(kernelOf(made).slice(0, 3).map(Math.abs)).toEqual([0, 0, 0]);
    stripPruning(made);
    await train(made);
    expect(kernelOf(made).slice(0, 3)).not.toContain(0);
  });

  it.each([
    ['a sparsity of 1', {sparsity: 1}, 'sparsity'],
    ['an unknown option', {sparsity: 0.5, other: 1}, 'pruneNow'],
    ['a criterion of gradients', {sparsity: 0.5, criterion: 'taylor'}, 'criterion'],
    ['another sparsity than n of m gives', {sparsity: 0.4, structure: {n: 2, m: 4}}, 'sparsity'],
    [
      'another sparsity of a layer than n of m gives',
      {sparsity: 0.5, layers: {d: 0.4}, structure: {n: 1, m: 2}},
      'sparsity',
    ],
    ['an unknown layer', {sparsity: 0.5, layers: ['e']}, 'layers'],
  ])('refuses %s and leaves the model', async (_case, args, argument) => {
    const made = model();
    const error = await pruneNow(made, args as Parameters<typeof pruneNow>[1]).catch((e) => e);
    expect(error).toBeInstanceOf(PruningError);
    expect(error.argument).toBe(argument);
    expect(kernelOf(made)).toEqual(KERNEL.flat());
    expect(getMask(made, 'd')).toBeNull();
  });

  it('refuses a NaN and names the weight', async () => {
    const made = model();
    const spoilt = tf.tensor2d([1, NaN, 3, 4, 5, 6], [2, 3]);
    made.setWeights([spoilt]);
    spoilt.dispose();
    await expect(pruneNow(made, {sparsity: 0.5})).rejects.toThrow("weight 'd/kernel' at step 0");
  });

  it('refuses a NaN in the scores of a function', async () => {
    const made = model();
    const spoilt = (weight: tf.Tensor) => tf.div(weight, tf.sub(weight, weight));
    const refused = pruneNow(made, {sparsity: 0.5, criterion: spoilt});
    await expect(refused).rejects.toThrow("criterion spoilt for 'd/kernel' at step 0");
    expect(kernelOf(made)).toEqual(KERNEL.flat());
  });

  it('leaves as many tensors as there were, once stripped', async () => {
    const made = model();
    const before = tf.memory().numTensors;
    await pruneNow(made, {sparsity: 0.5});
    stripPruning(made);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('setMask and getMask', () => {
  const MASK = [
    [1, 0, 1],
    [0, 1, 0],
  ];

  it('sets a mask by hand, and gives a copy back', async () => {
    const made = model();
    await setMask(made, 'd', MASK);
    expect(kernelOf(made).map(Math.abs)).toEqual([1, 0, 3, 0, 5, 0]);
    const mask = getMask(made, 'd/kernel')!;
    expect([...mask.dataSync()]).toEqual(MASK.flat());
    mask.dispose();
    await train(made);
    expect(kernelOf(made)[1]).toBeCloseTo(0, 12);
  });

  it("leaves the user's tensor to the user", async () => {
    const made = model();
    const mask = tf.tensor2d(MASK);
    await setMask(made, 'd', mask);
    stripPruning(made);
    expect([...mask.dataSync()]).toEqual(MASK.flat());
    mask.dispose();
  });

  it.each([
    ['another shape', [[1, 0]], 'mask'],
    [
      'other values',
      [
        [1, 0.5, 1],
        [0, 1, 0],
      ],
      'mask',
    ],
  ])('refuses a mask of %s', async (_case, mask, argument) => {
    const made = model();
    const before = tf.memory().numTensors;
    const error = await setMask(made, 'd', mask).catch((e) => e);
    expect(error).toBeInstanceOf(PruningError);
    expect(error.argument).toBe(argument);
    expect(tf.memory().numTensors).toBe(before);
    expect(kernelOf(made)).toEqual(KERNEL.flat());
  });

  it('names the weights of a layer that has several', async () => {
    const lstm = tfl.layers.lstm({
      units: 2,
      inputShape: [3, 2],
      name: 'l',
      recurrentInitializer: 'glorotUniform',
    });
    const made = tfl.sequential({layers: [lstm]});
    expect(() => getMask(made, 'l')).toThrow("'l/kernel' or 'l/recurrent_kernel'");
    expect(getMask(made, 'l/recurrent_kernel')).toBeNull();
  });
});

describe('applyMasks', () => {
  it('masks what something else has written', async () => {
    const made = model();
    await pruneNow(made, {sparsity: 0.5});
    const kernel = tf.tensor2d(KERNEL);
    made.setWeights([kernel]);
    kernel.dispose();
    applyMasks(made);
    expect(kernelOf(made).map(Math.abs)).toEqual([0, 0, 0, 4, 5, 6]);
  });

  it('holds the masks after a new compile', async () => {
    const made = model();
    await pruneNow(made, {sparsity: 0.5});
    made.compile({optimizer: 'adam', loss: 'meanSquaredError'});
    applyMasks(made);
    await train(made);
    expect(kernelOf(made).slice(0, 3).map(Math.abs)).toEqual([0, 0, 0]);
  });
});

it('lets other code run while many weights are pruned', async () => {
  const model = tfl.sequential({
    layers: Array.from({length: 24}, () => tfl.layers.dense({units: 512, inputShape: [512]})),
  });
  let turns = 0;
  let next = setImmediate(function count() {
    ++turns;
    next = setImmediate(count);
  });
  const start = Date.now();
  await pruneNow(model, {sparsity: 0.5});
  clearImmediate(next);
  // One every 50 ms or so, and less often where a machine is busy with other things.
  expect(turns).toBeGreaterThan(Math.min(3, (Date.now() - start) / 300));
  model.dispose();
});

import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import type {Importance} from '../../lib/channels/importance';
import type {Samples} from '../../lib/data/samples';
import {checkLayerImportance, layerScores} from '../../lib/layers/layer_importance';
import {layerUnits} from '../../lib/layers/layer_units';
import {registerTrainingKernels} from '../../lib/wasm/index';
import {backendName} from '../setup/backend';
import {setWeight, values} from '../setup/models';
import {randomizeWeights} from '../shrink/random_model';

type T = SymbolicTensor;

beforeAll(() => {
  if (backendName === 'wasm') {
    registerTrainingKernels();
  }
});

/** The scores of what can be removed, by name, checked to leave no tensors behind. */
async function scoresOf(
  model: LayersModel,
  importance: Importance,
  calibration?: Samples,
): Promise<Record<string, number>> {
  const units = (await layerUnits(model)).filter(({frozen}) => frozen === undefined);
  const tensors = tf.memory().numTensors;
  checkLayerImportance(model, units, importance);
  const scores = await layerScores(model, units, {importance, calibration, seed: 1});
  expect(tf.memory().numTensors).toBe(tensors);
  return Object.fromEntries(units.map(({name}, i) => [name, scores[i]]));
}

/** a·x + f·(a·x), times 1, of one number x. */
function residual(a: number, f: number): LayersModel {
  const x = input({shape: [1]});
  const unit = (name: string) => layers.dense({units: 1, useBias: false, name});
  const h = unit('a').apply(x) as T;
  const sum = layers.add({name: 'sum'}).apply([h, unit('f').apply(h) as T]);
  const model = makeModel({inputs: x, outputs: unit('out').apply(sum) as T});
  ['a', 'f', 'out'].forEach((name, i) => setWeight(model.getLayer(name), 0, [[a, f, 1][i]]));
  model.compile({optimizer: tf.train.sgd(0), loss: 'meanSquaredError'});
  return model;
}

/** Samples 1 and 2, of which 8 and 16 are made where 6 and 12 are wanted. */
const two = (batchSize: number) => ({
  x: tf.tensor2d([1, 2], [2, 1]),
  y: tf.tensor2d([6, 12], [2, 1]),
  batchSize,
});
const one = () => ({x: tf.tensor2d([[1]]), y: tf.tensor2d([[6]])});

it.each<[Importance, (() => Samples) | undefined, number, number]>([
  // Without a 4 and without f 2 is made of 1: 2² and 4² against 2².
  ['lossChange', one, 0, 12],
  // Of (f, out) from (8, 32) to (−4, −16); of (a, out) from (16, 32) to (−8, −16).
  ['gradientChange', one, Math.hypot(12, 48), Math.hypot(24, 48)],
  // The output of a is 1 more than what comes in, with a gradient of 16; f adds 6, with one of 4.
  ['taylor', one, 16 ** 2, 24 ** 2],
  ['taylor', () => two(1), (16 ** 2 + 64 ** 2) / 2, (24 ** 2 + 96 ** 2) / 2],
  ['taylor', () => two(2), 40 ** 2, 60 ** 2],
  ['meanActivation', () => two(1), 1.5, 9],
  ['meanActivation', () => ({x: two(2).x}), 1.5, 9],
  ['maxActivation', () => two(1), 2, 12],
  ['l1', undefined, 2, 3],
  ['l2', undefined, 2, 3],
  ['fpgm', undefined, 0, 0],
  [(kernel) => tf.mul(tf.sum(kernel, 0), 2), undefined, 4, 6],
])('scores a layer and a branch by %s', async (importance, data, a, sum) => {
  expect(await scoresOf(residual(2, 3), importance, data?.())).toEqual({
    a: expect.closeTo(a, 2),
    sum: expect.closeTo(sum, 2),
  });
});

it('takes for fpgm the mean distance of two channels, whatever the width', async () => {
  const layer = (name: string) => layers.dense({units: 3, useBias: false, name});
  const model = sequential({
    layers: [
      layers.dense({units: 3, inputShape: [2]}),
      layer('close'),
      layer('far'),
      layers.dense({units: 1}),
    ],
  });
  // Distances of 5, 5 and 6.
  const far = [-3, 3, 0, 0, 0, 4, 0, 0, 0];
  setWeight(
    model.getLayer('close'),
    0,
    far.map((value) => value / 10),
  );
  setWeight(model.getLayer('far'), 0, far);
  const scores = {close: expect.closeTo(16 / 30), far: expect.closeTo(16 / 3)};
  expect(await scoresOf(model, 'fpgm')).toEqual(scores);
});

/** A convolution with its normalization, and a residual block in a nested model. */
function normalized(): LayersModel {
  const shape = [4, 4, 3];
  const conv = (name: string) =>
    layers.conv2d({filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh', name});
  const inner = input({shape});
  const branch = [conv('c'), layers.batchNormalization({name: 'cbn'})];
  const f = branch.reduce((y, layer) => layer.apply(y) as T, inner);
  const block = makeModel({
    inputs: inner,
    outputs: layers.add({name: 'sum'}).apply([f, inner]) as T,
    name: 'block',
  });
  const x = input({shape});
  const all = [conv('a'), layers.batchNormalization({name: 'abn'}), block, layers.flatten()];
  const y = [...all, layers.dense({units: 2})].reduce((z, layer) => layer.apply(z) as T, x);
  const model = makeModel({inputs: x, outputs: y});
  randomizeWeights(model, 3);
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  return model;
}

it('goes by what changes behind the normalization, in nested models too', async () => {
  const model = normalized();
  const x = tf.randomNormal([6, 4, 4, 3], 0, 1, 'float32', 5);
  const outputOf = (from: LayersModel, name: string, given: tf.Tensor) =>
    makeModel({inputs: from.inputs, outputs: from.getLayer(name).output as T}).predict(
      given,
    ) as tf.Tensor;
  const block = model.getLayer('block') as LayersModel;
  const a = outputOf(model, 'abn', x);
  const changes = {a: tf.sub(x, a), 'block/sum': outputOf(block, 'cbn', a)};
  const expected = (of: (change: tf.Tensor) => tf.Tensor) =>
    Object.fromEntries(
      Object.entries(changes).map(([name, change]) => [
        name,
        expect.closeTo(values(of(tf.abs(change)))[0], 2),
      ]),
    );
  const calibration = {x, batchSize: 4};
  expect(await scoresOf(model, 'meanActivation', calibration)).toEqual(
    expected((all) => tf.mean(all)),
  );
  expect(await scoresOf(model, 'maxActivation', calibration)).toEqual(
    expected((all) => tf.max(all)),
  );
});

it('agrees with the change of the loss to first order, for branches that add little', async () => {
  const model = normalized();
  const layer = model.getLayer('block') as LayersModel;
  tf.tidy(() =>
    layer
      .getLayer('cbn')
      .weights.slice(0, 2)
      .forEach((variable) => variable.write(tf.mul(variable.read(), 1e-2))),
  );
  const calibration = {
    x: tf.randomNormal([6, 4, 4, 3], 0, 1, 'float32', 5),
    y: tf.randomNormal([6, 2], 0, 1, 'float32', 6),
  };
  const taylor = (await scoresOf(model, 'taylor', calibration))['block/sum'];
  const change = (await scoresOf(model, 'lossChange', calibration))['block/sum'];
  expect(Math.sqrt(taylor) / Math.abs(change)).toBeCloseTo(1, 1);
});

it('is the same for the same seed by chance', async () => {
  const scores = await scoresOf(residual(2, 3), 'random');
  expect(await scoresOf(residual(2, 3), 'random')).toEqual(scores);
  expect(scores.a).not.toBe(scores.sum);
});

it.each<Importance>(['taylor', 'meanActivation', 'maxActivation'])(
  'refuses %s where an addition is used again',
  async (importance) => {
    const x = input({shape: [2]});
    const add = layers.add({name: 'sum'});
    const dense = (name: string, y: T) => layers.dense({units: 2, name}).apply(y) as T;
    const once = add.apply([x, dense('f', x)]) as T;
    const twice = add.apply([once, dense('g', once)]) as T;
    const model = makeModel({inputs: x, outputs: dense('out', twice)});
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const calibration = {x: tf.zeros([1, 2]), y: tf.zeros([1, 2])};
    await expect(scoresOf(model, importance, calibration)).rejects.toThrow(
      `importance: expected another one for 'sum', which is used 2 times, but got '${importance}'.`,
    );
    await scoresOf(model, 'lossChange', calibration);
  },
);

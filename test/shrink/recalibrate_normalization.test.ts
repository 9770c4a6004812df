import * as tf from '@tensorflow/tfjs-core';
import * as data from '@tensorflow/tfjs-data';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {NeuronPruner, PruningError, recalibrateNormalization, stripPruning} from '../../lib/index';
import {mlp, setWeight, state, values} from '../setup/models';
import {largestError} from './fuzz_once';
import {randomizeWeights} from './random_model';

type T = SymbolicTensor;

const norm = (more = {}) => layers.batchNormalization({name: 'n', ...more});
const chain = (x: T, ...all: layers.Layer[]) => all.reduce((y, layer) => layer.apply(y) as T, x);

/** A model of `all`, each after the other. */
function ofLayers(shape: number[], ...all: layers.Layer[]): LayersModel {
  const x = input({shape});
  const model = makeModel({inputs: x, outputs: chain(x, ...all)});
  randomizeWeights(model, 5);
  return model;
}

/** The moving mean and variance of layer `name`. */
function statistics(model: LayersModel, name = 'n'): number[][] {
  const layer = model.getLayer(name);
  return ['movingMean', 'movingVariance'].map((field) => [
    ...values((Reflect.get(layer, field) as {read(): tf.Tensor}).read()),
  ]);
}

const normal = (shape: number[], seed = 1) =>
  tf.randomNormal(shape, 1, 2, 'float32', seed) as tf.Tensor;

describe('recalibrateNormalization', () => {
  it('takes the mean and the variance of the data', async () => {
    const model = ofLayers([2], norm());
    const x = tf.tensor2d([1, 10, 3, 30], [2, 2]);
    await recalibrateNormalization(model, {x});
    expect(statistics(model)).toEqual([
      [2, 20],
      [1, 100],
    ]);
  });

  it('takes their means over batches, by the number of samples', async () => {
    const model = ofLayers([1], norm());
    const batches = data.generator(function* () {
      yield {xs: tf.tensor2d([0, 4], [2, 1])};
      yield {xs: tf.tensor2d([9], [1, 1])};
    });
    await recalibrateNormalization(model, batches);
    const [[mean], [variance]] = statistics(model);
    expect(mean).toBeCloseTo((2 * 2 + 9) / 3);
    expect(variance).toBeCloseTo((2 * 4 + 0) / 3);
  });

  it('mixes samples that are sorted by class', async () => {
    const model = ofLayers([1], norm());
    const x = tf.expandDims(tf.range(0, 256), 1);
    await recalibrateNormalization(model, {x, batchSize: 32});
    const [[mean], [variance]] = statistics(model);
    expect(mean).toBeCloseTo(127.5);
    // In their order, each batch would vary by 85 only.
    const whole = (256 ** 2 - 1) / 12;
    expect(variance).toBeGreaterThan(0.8 * whole);
    expect(variance).toBeLessThan(whole);
  });

  it('takes a dataset', async () => {
    const model = ofLayers([1], norm());
    const batch = () => ({xs: tf.tensor2d([1, 5], [2, 1]), ys: tf.zeros([2, 1])});
    let left = 2;
    const next = async () =>
      left-- > 0 ? {value: batch(), done: false} : {value: null, done: true};
    const dataset = {size: 2, iterator: async () => ({next})};
    await recalibrateNormalization(model, dataset as never);
    expect(statistics(model)).toEqual([[3], [4]]);
  });

  const conv = () => layers.conv2d({filters: 3, kernelSize: 2});
  const cases: Array<[string, number[], () => layers.Layer[]]> = [
    ['in a chain', [5, 5, 2], () => [conv(), norm(), layers.reLU(), conv(), norm({name: 'm'})]],
    ['along another axis', [3, 4], () => [norm({axis: 1})]],
    [
      'in a nested model',
      [4],
      () => [
        sequential({
          layers: [layers.dense({units: 3, inputShape: [4]}), layers.batchNormalization()],
        }),
        layers.dense({units: 2}),
      ],
    ],
  ];
  it.each(cases)('makes a prediction for the data that of training, %s', async (_, shape, make) => {
    const model = ofLayers(shape, ...make());
    const x = normal([8, ...shape]);
    // It writes the moving statistics, which are measured anew after it.
    const trained = model.apply(x, {training: true}) as tf.Tensor;
    await recalibrateNormalization(model, {x, batchSize: 8});
    expect(await largestError([trained], [model.predict(x) as tf.Tensor])).toBeLessThan(1e-4);
  });

  it('measures what a prediction sees: dropout is off', async () => {
    const model = ofLayers([4], layers.dropout({rate: 0.5}), norm());
    const x = normal([6, 4]);
    await recalibrateNormalization(model, {x});
    const {mean, variance} = tf.moments(x, 0);
    const [means, variances] = statistics(model);
    values(mean).forEach((value, i) => expect(means[i]).toBeCloseTo(value, 4));
    values(variance).forEach((value, i) => expect(variances[i]).toBeCloseTo(value, 4));
  });

  it('works without gamma, inside a wrapper, and for a layer that is used twice', async () => {
    const plain = ofLayers([2], norm({scale: false, center: false}));
    await recalibrateNormalization(plain, {x: tf.tensor2d([1, 10, 3, 30], [2, 2])});
    expect(statistics(plain)[0]).toEqual([2, 20]);

    const inner = layers.batchNormalization();
    const wrapped = ofLayers([2, 1], layers.timeDistributed({layer: inner}));
    await recalibrateNormalization(wrapped, {x: tf.tensor3d([1, 3, 5, 7], [2, 2, 1])});
    expect(values((Reflect.get(inner, 'movingMean') as {read(): tf.Tensor}).read())[0]).toBe(4);

    const [a, b, twice] = [input({shape: [1]}), input({shape: [1]}), norm()];
    const outputs = [a, b].map((each) => twice.apply(each) as T);
    const model = makeModel({inputs: [a, b], outputs});
    const x = [tf.tensor2d([0, 2], [2, 1]), tf.tensor2d([6, 12], [2, 1])];
    await recalibrateNormalization(model, {x});
    expect(statistics(model)).toEqual([[5], [5]]);
  });

  it('changes nothing else, and leaves no tensors', async () => {
    const model = ofLayers([4], layers.dense({units: 3}), norm({momentum: 0.9}));
    const x = normal([6, 4]);
    const [dense] = model.layers.filter((layer) => layer.getClassName() === 'Dense');
    const others = () => [...dense.weights, ...model.getLayer('n').weights.slice(0, 2)];
    const before = others().map((weight) => values(weight.read()));
    const tensors = tf.memory().numTensors;
    await recalibrateNormalization(model, {x, batchSize: 4});
    expect(tf.memory().numTensors).toBe(tensors);
    expect(others().map((weight) => values(weight.read()))).toEqual(before);
    expect(model.getLayer('n').getConfig().momentum).toBe(0.9);
    expect(Object.hasOwn(model.getLayer('n'), 'call')).toBe(false);
  });

  it('brings back a model that lost units at once', async () => {
    const model = sequential({
      layers: [
        layers.dense({units: 4, useBias: false, inputShape: [4], name: 'p'}),
        layers.batchNormalization({name: 'q', scale: false}),
        layers.dense({units: 1, useBias: false, name: 'r'}),
        norm({center: false, scale: false}),
      ],
    });
    setWeight(model.getLayer('p'), 0, [9, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2]);
    setWeight(model.getLayer('r'), 0, [1, 1, 1, 1]);
    const x = normal([16, 4]);
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const pruner = new NeuronPruner({
      layers: ['p'],
      initialSparsity: 0.5,
      finalSparsity: 0.5,
      beginStep: 0,
      endStep: 0,
    });
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await pruner.onTrainEnd();
    await recalibrateNormalization(model, {x});
    stripPruning(model);
    // What is gone is zero and stays so.
    expect(statistics(model, 'q').map(([, , ...gone]) => gone)).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const {mean, variance} = tf.moments(model.predict(x) as tf.Tensor);
    expect(values(mean)[0]).toBeCloseTo(0, 4);
    expect(values(variance)[0]).toBeCloseTo(1, 2);
  });

  const one = () => tf.ones([2, 1]);
  const stateful = () => {
    const x = input({batchShape: [2, 3, 1]});
    const y = chain(
      x,
      layers.simpleRNN({units: 1, stateful: true, recurrentInitializer: 'zeros'}),
      norm(),
    );
    return makeModel({inputs: x, outputs: y});
  };
  it.each<[string, () => unknown, () => unknown, string]>([
    ['no model', () => ({}), () => ({x: one()}), 'model: expected a tf.LayersModel'],
    ['no normalization', () => mlp(), () => ({x: one()}), 'model: expected a model with batch'],
    ['a state', stateful, () => ({x: tf.ones([2, 3, 1])}), 'model: expected one without state'],
    ['no data', () => ofLayers([1], norm()), () => undefined, 'calibration: expected data {x, y}'],
    ['an option', () => ofLayers([1], norm()), () => ({x: one(), z: 1}), 'calibration: expected'],
    [
      'another shape',
      () => ofLayers([2], norm()),
      () => ({x: one()}),
      'calibration.x: expected a tensor of shape [samples, 2]',
    ],
    [
      'NaN',
      () => ofLayers([1], norm()),
      () => ({x: tf.tensor2d([1, NaN], [2, 1])}),
      'calibration: expected data that give finite statistics, but got NaN',
    ],
  ])('refuses %s, and leaves the model as it is', async (_, make, data, message) => {
    const model = make() as LayersModel;
    const given = data();
    const before = model.layers && state(model);
    const failed = await recalibrateNormalization(model, given as never).catch((e: Error) => e);
    expect(failed).toBeInstanceOf(PruningError);
    expect((failed as Error).message).toContain(message);
    expect(model.layers && state(model)).toEqual(before);
  });
});

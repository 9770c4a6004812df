import * as tf from '@tensorflow/tfjs-core';

import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {
  pruneChannelsNow,
  type PruneChannelsNowArgs,
  PruningError,
  shrink,
  sparsityReport,
  stripPruning,
} from '../../lib/index';
import {mlp, setWeight, state} from '../setup/models';
import {randomizeWeights} from '../shrink/random_model';

type T = SymbolicTensor;

/** A small LeNet that is not compiled: 8 and 12 filters, 16 units. */
function lenet(): LayersModel {
  const x = input({shape: [12, 12, 1]});
  const all = [
    layers.conv2d({filters: 8, kernelSize: 3, activation: 'relu', name: 'conv1'}),
    layers.maxPooling2d({poolSize: 2}),
    layers.conv2d({filters: 12, kernelSize: 3, activation: 'relu', name: 'conv2'}),
    layers.flatten(),
    layers.dense({units: 16, activation: 'relu', name: 'fc1'}),
    layers.dense({units: 5, name: 'fc2'}),
  ];
  const outputs = all.reduce((y, layer) => layer.apply(y) as T, x);
  const model = makeModel({inputs: x, outputs});
  randomizeWeights(model, 3);
  return model;
}

const images = (seed = 1) => tf.randomNormal([150, 12, 12, 1], 0.4, 1, 'float32', seed);

function distance(a: LayersModel, b: LayersModel, x: tf.Tensor): number {
  return tf.tidy(() => {
    const difference = tf.sub(a.predict(x) as tf.Tensor, b.predict(x) as tf.Tensor);
    return tf.mean(tf.square(difference)).dataSync()[0];
  });
}

/** The channels of which no layer makes anything, by group. */
async function gone(model: LayersModel): Promise<Record<string, number[]>> {
  const {channels} = await sparsityReport(model);
  return Object.fromEntries(
    channels.filter(({zero}) => zero.length > 0).map(({name, zero}) => [name, zero]),
  );
}

describe('pruneChannelsNow', () => {
  it('tells why all units must stay, of a model without filters', async () => {
    const model = sequential({
      layers: [layers.dense({units: 10, inputShape: [6], name: 'only'})],
    });
    for (const args of [{neurons: 0.5}, {channels: 0.5, neurons: 0.5}]) {
      await expect(pruneChannelsNow(model, args)).rejects.toThrow('none of only (an output of');
    }
  });

  it('prunes filters and units, and shrink removes them', async () => {
    const model = lenet();
    await pruneChannelsNow(model, {channels: 0.5, neurons: 0.25});
    const zero = await gone(model);
    expect(Object.entries(zero).map(([name, {length}]) => [name, length])).toEqual([
      ['conv1', 4],
      ['conv2', 6],
      ['fc1', 4],
    ]);
    const smaller = await shrink(stripPruning(model));
    expect(smaller.countParams()).toBe(4 * 10 + 6 * 37 + 12 * (3 * 3 * 6 + 1) + 5 * 13);
    expect(distance(model, smaller, images())).toBeLessThan(1e-6);
  });

  it('solves for what reads them, and shrink keeps that', async () => {
    const [plain, solved] = [lenet(), lenet()];
    const args = {channels: 0.25, neurons: 0.25, importance: 'l2'} as const;
    await pruneChannelsNow(plain, args);
    const warn = jest.spyOn(console, 'warn');
    const report = await pruneChannelsNow(solved, {...args, calibration: {x: images()}});
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    expect(await gone(solved)).toEqual(await gone(plain));
    const unseen = images(2);
    expect(distance(solved, lenet(), unseen)).toBeLessThan(0.5 * distance(plain, lenet(), unseen));
    expect(report.layers.map(({name}) => name)).toEqual(['conv1', 'conv2', 'fc1', 'fc2']);
    // What is left of the first layer is what it was.
    expect(report.layers[0]).toMatchObject({before: 0, after: 0});
    const smaller = await shrink(stripPruning(solved));
    expect(distance(solved, smaller, unseen)).toBeLessThan(1e-6);
  });

  it('takes what others make up for, where there are data', async () => {
    const model = lenet();
    // The last two filters are copies of two others, and larger.
    const conv = model.getLayer('conv1');
    const [kernel, bias] = conv.getWeights();
    const column = (i: number) => tf.slice(kernel, [0, 0, 0, i], [-1, -1, -1, 1]);
    const columns = [0, 1, 2, 3, 4, 5].map(column);
    const copies = [1, 3].map((i) => tf.mul(column(i), 1.2));
    const flat = tf.zerosLike(bias);
    conv.setWeights([tf.concat([...columns, ...copies], 3), flat]);
    const x = images();
    const dense = model.predict(x) as tf.Tensor;
    await pruneChannelsNow(model, {
      ...{channels: 0.25, layers: ['conv1'], calibration: {x}},
    });
    const {conv1} = await gone(model);
    expect(conv1).toHaveLength(2);
    // One of each pair, whichever.
    expect(conv1.map((i) => ({1: 'a', 6: 'a', 3: 'b', 7: 'b'})[i]).sort()).toEqual(['a', 'b']);
    const off = tf.mean(tf.square(tf.sub(model.predict(x) as tf.Tensor, dense)));
    const scale = tf.mean(tf.square(dense));
    expect(off.dataSync()[0]).toBeLessThan(1e-3 * scale.dataSync()[0]);
  });

  it('scores units that a recurrent layer reads by their norm', async () => {
    const x = input({shape: [4, 3]});
    const units = layers.dense({units: 8, name: 'units'}).apply(x) as T;
    const outputs = layers
      .gru({units: 4, name: 'gru', recurrentInitializer: 'glorotUniform'})
      .apply(units) as T;
    const head = layers.dense({units: 2, name: 'head'}).apply(outputs) as T;
    const [model, plain] = [1, 2].map(() => {
      const made = makeModel({inputs: x, outputs: head});
      randomizeWeights(made, 5);
      return made;
    });
    await pruneChannelsNow(plain, {neurons: 0.5, layers: ['units'], importance: 'l2'});
    const wanted = (await gone(plain)).units;
    randomizeWeights(model, 5);
    stripPruning(model);
    const args = {neurons: 0.5, layers: ['units'], calibration: {x: tf.randomNormal([20, 4, 3])}};
    await pruneChannelsNow(model, args);
    expect((await gone(model)).units).toEqual(wanted);
  });

  it('prunes the channels that are named, with all that is coupled to them', async () => {
    const x = input({shape: [6, 6, 2]});
    const conv = (name: string, filters = 4) =>
      layers.conv2d({filters, kernelSize: 3, padding: 'same', name});
    const one = conv('a').apply(x) as T;
    const norm = layers.batchNormalization({name: 'n'}).apply(one) as T;
    const two = conv('b').apply(norm) as T;
    const sum = layers.add().apply([one, two]) as T;
    const model = makeModel({inputs: x, outputs: conv('c', 3).apply(sum) as T});
    randomizeWeights(model, 4);
    await pruneChannelsNow(model, {channels: {b: [1, 3]}});
    // The branches are added, so that channels of both go.
    expect(await gone(model)).toEqual({a: [1, 3]});
    const smaller = await shrink(stripPruning(model));
    const filters = ['a', 'n', 'b'].map((name) => smaller.getLayer(name).weights[0].shape);
    expect(filters).toEqual([[3, 3, 2, 2], [2], [3, 3, 2, 2]]);
  });

  it('takes layers of both kinds, and shares of their own', async () => {
    const cases: Array<[PruneChannelsNowArgs['layers'], Record<string, number>]> = [
      [['conv2', 'fc1'], {conv2: 6, fc1: 4}],
      [['fc1'], {fc1: 4}],
      [
        {conv1: 0.25, fc1: false},
        {conv1: 2, conv2: 6},
      ],
      [(layer) => layer.name === 'conv1', {conv1: 4}],
    ];
    for (const [selection, expected] of cases.slice(0, 3)) {
      const model = lenet();
      await pruneChannelsNow(model, {channels: 0.5, neurons: 0.25, layers: selection});
      const found = Object.entries(await gone(model)).map(([name, {length}]) => [name, length]);
      expect(Object.fromEntries(found)).toEqual(expected);
    }
    const model = lenet();
    await pruneChannelsNow(model, {channels: 0.5, layers: cases[3][0]});
    expect(Object.keys(await gone(model))).toEqual(['conv1']);
  });

  it('prunes a model that has units only', async () => {
    const model = mlp();
    await pruneChannelsNow(model, {channels: 0.5, neurons: 0.5});
    expect((await gone(model)).dense_0).toHaveLength(3);
  });

  it('goes by the importance, with its data', async () => {
    const model = lenet();
    // The inputs are never negative, so that these two give nothing.
    const {kernel, bias} = {kernel: new Float32Array(9 * 8).fill(1), bias: new Float32Array(8)};
    kernel.forEach((_, i) => (kernel[i] = i % 8 < 2 ? -5 : 0.1));
    setWeight(model.getLayer('conv1'), 0, kernel);
    setWeight(model.getLayer('conv1'), 1, bias);
    const x = tf.abs(images());
    await pruneChannelsNow(model, {
      channels: 0.25,
      importance: 'meanActivation',
      calibration: {x},
      layers: ['conv1'],
    });
    expect(await gone(model)).toEqual({conv1: [0, 1]});
  });

  it('has nothing to reduce where it reconstructs', async () => {
    const args = {channels: 0.5, reduce: 'max', calibration: {x: images()}} as const;
    await expect(pruneChannelsNow(lenet(), args)).rejects.toMatchObject({argument: 'reduce'});
  });

  it('holds limits, and says what keeps more from going', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const model = lenet();
    await pruneChannelsNow(model, {channels: 0.5, roundTo: 8});
    expect(await gone(model)).toEqual({conv2: expect.objectContaining({length: 4})});
    expect(warn.mock.calls.flat().join()).toMatch(/pruneChannelsNow.*conv1.*roundTo/);
    warn.mockRestore();
  });

  it('masks hold in training', async () => {
    const model = mlp();
    await pruneChannelsNow(model, {neurons: 0.5});
    const before = await gone(model);
    await model.trainOnBatch(tf.ones([3, 4]), tf.ones([3, 2]));
    expect(await gone(model)).toEqual(before);
  });

  it('leaves the model as it was when it is stopped', async () => {
    const model = lenet();
    const x = images();
    const before = state(model);
    const stopped = pruneChannelsNow(model, {
      channels: 0.5,
      calibration: {x},
      onProgress: () => false,
    });
    await expect(stopped).rejects.toThrow(expect.objectContaining({name: 'AbortError'}));
    expect(state(model)).toEqual(before);
  });

  const bad: Array<[string, object]> = [
    ['channels', {}],
    ['channels', {channels: 1}],
    ['channels', {channels: '0.5'}],
    ['channels', {channels: null}],
    ['channels', {channels: {}}],
    ['channels', {channels: {conv9: [0]}}],
    ["channels['conv1']", {channels: {conv1: 3}}],
    ["channels['conv1']", {channels: {conv1: [8]}}],
    ["channels['conv1']", {channels: {conv1: [-1]}}],
    ["channels['fc2']", {channels: {fc2: [1]}}],
    ['neurons', {channels: {conv1: [1]}, neurons: 0.5}],
    ['roundTo', {channels: {conv1: [1]}, roundTo: 8}],
    ['neurons', {neurons: -1}],
    ['scope', {channels: 0.5, scope: 'erk'}],
    ['roundTo', {channels: 0.5, roundTo: 0}],
    ['minChannels', {channels: 0.5, minChannels: 0}],
    ['maxSparsity', {channels: 0.5, maxSparsity: 0}],
    ['importance', {channels: 0.5, importance: 'best'}],
    ['calibration', {channels: 0.5, importance: 'taylor'}],
    ['calibration', {channels: 0.5, importance: 'reconstruction'}],
    ['calibration', {channels: 0.5, importance: 'meanActivation'}],
    ['calibration.y', {channels: 0.5, importance: 'lossChange', calibration: {x: tf.zeros}}],
    ['calibration.x', {channels: 0.5, calibration: {}}],
    ['layers', {channels: 0.5, neurons: 0.5, layers: ['conv9']}],
    ['ignore', {channels: 0.5, ignore: 'conv1'}],
    ['signal', {channels: 0.5, signal: new AbortController().signal}],
    ['pruneChannelsNow', {channels: 0.5, sparsity: 0.5}],
  ];

  it.each(bad)('refuses %s: %j', async (argument, args) => {
    const model = lenet();
    const before = state(model);
    const failure = pruneChannelsNow(model, args as never);
    await expect(failure).rejects.toThrow(PruningError);
    await expect(failure).rejects.toMatchObject({
      argument: argument === 'calibration.y' ? 'calibration.x' : argument,
    });
    expect(state(model)).toEqual(before);
  });
});

import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  loadLayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {MODELS} from '../../examples/mnist/models';
import {foldNormalization} from '../../lib/index';
import {weightsOf} from '../../lib/model/layer_tree';
import {saved} from '../setup/models';
import {largestError, predict} from './fuzz_once';
import {randomInputs, randomizeWeights} from './random_model';
import {around} from './shrunk';

type T = SymbolicTensor;

const norm = (name = 'n', more = {}) => layers.batchNormalization({name, ...more});
const dense = (name: string, more = {}) => layers.dense({units: 4, name, ...more});
const chain = (x: T, ...all: layers.Layer[]) => all.reduce((y, layer) => layer.apply(y) as T, x);

/** The folded model, which is compared with the model and with what is loaded of it. */
async function folded<M extends LayersModel>(model: M): Promise<M> {
  const before = weightsOf(model).map((variable) => variable.read().dataSync());
  const tensors = tf.memory().numTensors;
  const made = foldNormalization(model);
  expect(tf.memory().numTensors).toBe(tensors + new Set(weightsOf(made)).size);
  expect(weightsOf(model).map((variable) => variable.read().dataSync())).toEqual(before);
  const loaded = await loadLayersModel(tf.io.fromMemory(await saved(made)));
  const inputs = randomInputs(model, 3);
  const [expected, actual, same] = [model, made, loaded].map((each) => predict(each, inputs));
  expect(await largestError(expected, actual)).toBeLessThan(1e-5);
  expect(await largestError(actual, same)).toBe(0);
  expect(made.outputNames).toEqual(model.outputNames);
  return made;
}

const names = (model: LayersModel) => model.layers.map(({name}) => name);

const cases: Array<[string, number[], layers.Layer]> = [
  ['Dense', [5], dense('p')],
  ['Dense over positions', [3, 5], dense('p', {useBias: false})],
  ['Conv1D', [5, 2], layers.conv1d({filters: 3, kernelSize: 2, padding: 'same', name: 'p'})],
  ['Conv2D', [5, 5, 2], layers.conv2d({filters: 3, kernelSize: 3, padding: 'same', name: 'p'})],
  [
    'Conv2D without a bias',
    [5, 5, 2],
    layers.conv2d({filters: 3, kernelSize: 3, strides: 2, useBias: false, name: 'p'}),
  ],
  ['Conv2DTranspose', [3, 3, 2], layers.conv2dTranspose({filters: 4, kernelSize: 2, name: 'p'})],
  [
    'DepthwiseConv2D',
    [5, 5, 2],
    layers.depthwiseConv2d({kernelSize: 3, depthMultiplier: 2, padding: 'same', name: 'p'}),
  ],
  [
    'DepthwiseConv2D without a bias',
    [5, 5, 3],
    layers.depthwiseConv2d({kernelSize: 3, useBias: false, name: 'p'}),
  ],
  ['SeparableConv2D', [5, 5, 2], layers.separableConv2d({filters: 3, kernelSize: 3, name: 'p'})],
];

describe('foldNormalization makes part of', () => {
  it.each(cases)('a %s what normalizes it', async (_, shape, layer) => {
    const model = around(shape, (x) => chain(x, layer, norm(), layers.reLU({name: 'r'})));
    const made = await folded(model);
    expect(names(made)).toEqual(names(model).filter((name) => name !== 'n'));
    expect(made.getLayer('p').weights.some(({originalName}) => originalName === 'p/bias')).toBe(
      true,
    );
  });

  it.each([
    ['gamma', {scale: false}],
    ['beta', {center: false}],
    ['either', {scale: false, center: false, epsilon: 0.1}],
  ])('a layer a normalization without %s', async (_, args) => {
    const made = await folded(around([5], (x) => chain(x, dense('p'), norm('n', args))));
    expect(names(made)).not.toContain('n');
  });

  it('a kernel the numbers that the formula gives', () => {
    const model = sequential({layers: [dense('p', {units: 2, inputShape: [1]}), norm()]});
    // gamma, beta, moving mean, moving variance
    const values = [[[3, 4]], [1, 2], [10, 20], [5, 6], [2, 4], [3.999, 15.999]];
    model.setWeights(values.map((value) => tf.tensor(value)));
    const made = foldNormalization(model)
      .getWeights()
      .map((weight) => [...weight.dataSync()]);
    const expected = [
      [(3 * 10) / 2, (4 * 20) / 4],
      [5 + ((1 - 2) * 10) / 2, 6 + ((2 - 4) * 20) / 4],
    ];
    made.flat().forEach((value, i) => expect(value).toBeCloseTo(expected.flat()[i], 4));
  });

  it('the layers of a Sequential model, the first and the last too', async () => {
    const model = sequential({
      layers: [dense('a', {inputShape: [3]}), norm('n1'), dense('b'), norm('n2')],
    });
    randomizeWeights(model, 1);
    const made = await folded(model);
    // What makes the output keeps its name.
    expect(names(made)).toEqual(['a', 'b', 'n2']);
    expect(made.getLayer('n2').getClassName()).toBe('Activation');
  });

  it('layers of nested models, used twice or not', async () => {
    const inner = sequential({
      name: 'inner',
      layers: [dense('a', {inputShape: [4]}), norm('n1'), layers.reLU({name: 'r'})],
    });
    const model = around([4], (x) => inner.apply(inner.apply(x) as T));
    const made = await folded(model);
    expect(names(made.getLayer('inner') as unknown as LayersModel)).toEqual(['a', 'r']);
  });

  it.each(['resnet', 'mobilenet'] as const)('the layers of a %s', async (name) => {
    const model = MODELS[name](1);
    randomizeWeights(model, 1);
    const classes = (await folded(model)).layers.map((layer) => layer.getClassName());
    expect(classes).not.toContain('BatchNormalization');
  });
});

describe('foldNormalization leaves alone', () => {
  const kept: Array<[string, (x: T) => unknown]> = [
    ['an activation in between', (x) => chain(x, dense('p', {activation: 'relu'}), norm())],
    ['another layer in between', (x) => chain(x, dense('p'), layers.reLU(), norm())],
    ['a merge', (x) => norm().apply(layers.add().apply([dense('a').apply(x) as T, x]))],
    [
      'a layer that something else reads',
      (x) => {
        const y = dense('p').apply(x) as T;
        return layers.add().apply([y, norm().apply(y) as T]);
      },
    ],
    [
      'a layer that is used twice',
      (x) => {
        const p = dense('p');
        return norm().apply(p.apply(p.apply(x) as T));
      },
    ],
    [
      'a normalization that is used twice',
      (x) => {
        const n = norm();
        return n.apply(dense('p').apply(n.apply(dense('q').apply(x) as T) as T));
      },
    ],
  ];

  it.each(kept)('%s', async (_, make) => {
    expect(names(await folded(around([4], make)))).toContain('n');
  });

  it('a layer that is an output', async () => {
    const x = input({shape: [4]});
    const y = dense('p').apply(x) as T;
    const model = makeModel({inputs: x, outputs: [y, norm().apply(y) as T]});
    randomizeWeights(model, 1);
    expect(names(await folded(model))).toContain('n');
  });
});

describe('foldNormalization', () => {
  it('compiles the new model as the old one is, and keeps its metadata', async () => {
    const model = around([4], (x) => chain(x, dense('p'), norm()));
    expect(foldNormalization(model).optimizer).toBeUndefined();
    model.setUserDefinedMetadata({labels: ['a', 'b']});
    expect(foldNormalization(model).getUserDefinedMetadata()).toEqual({labels: ['a', 'b']});
    model.compile({optimizer: tf.train.adam(0.02), loss: 'meanSquaredError', metrics: ['mae']});
    const made = foldNormalization(model);
    expect(made.optimizer).not.toBe(model.optimizer);
    const [x, y] = [tf.ones([8, 4]), tf.ones([8, 2])];
    await made.fit(x, y, {epochs: 2, verbose: 0});
  });

  it('refuses what is not a model', () => {
    expect(() => foldNormalization({} as LayersModel)).toThrow('model: expected a tf.LayersModel');
  });
});

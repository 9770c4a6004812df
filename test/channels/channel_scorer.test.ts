import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
} from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import {ChannelScorer, type ImportanceArgs} from '../../lib/channels/channel_scorer';
import {channelGroups} from '../../lib/channels/groups/channel_groups';
import type {ImportanceName} from '../../lib/channels/importance';
import {maskChannels} from '../../lib/channels/mask_channels';
import {stripPruning} from '../../lib/index';
import {readWeight} from '../../lib/model/read_weight';
import {registerTrainingKernels} from '../../lib/wasm/index';
import {backendName} from '../setup/backend';
import {dataset, mlp, state, values} from '../setup/models';
import {around, groupOf} from '../shrink/shrunk';
import {scoresOf} from './importances/scores';

beforeAll(() => {
  if (backendName === 'wasm') {
    registerTrainingKernels();
  }
});

const NAMES: ImportanceName[] = [
  'l1',
  'l2',
  'groupL2',
  'gamma',
  'fpgm',
  'taylor',
  'meanActivation',
  'maxActivation',
  'lossChange',
  'gradientChange',
];
const OF_WEIGHTS = ['l1', 'l2', 'groupL2', 'gamma', 'fpgm'];

const SIZE = 5;

/** Filters with a normalization after them, and data. */
function normalized(): {model: LayersModel; x: tf.Tensor; y: tf.Tensor} {
  const model = around([4, 4, 2], (x) => {
    const y = layers.conv2d({filters: SIZE, kernelSize: 2, name: 'p'}).apply(x);
    const z = layers.batchNormalization({name: 'n'}).apply(y);
    return layers.globalAveragePooling2d({}).apply(layers.reLU().apply(z) as never);
  });
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);
  return {model, x: normal([6, 4, 4, 2], 1), y: normal([6, 2], 2)};
}

/** Reorders the filters of `normalized`, and what goes with them. */
function permute(model: LayersModel, order: number[]): void {
  for (const {variable, axis} of groupOf(model, 'p').members) {
    tf.tidy(() => {
      const weight = readWeight(variable);
      // On wasm what gather returns is not taken for a bias, a product is.
      weight.assign(tf.mul(tf.gather(weight, tf.tensor1d(order, 'int32'), axis), 1));
    });
  }
}

describe('ChannelScorer', () => {
  it.each(NAMES)('scores by %s what the same channels do in any order', async (importance) => {
    const {model, x, y} = normalized();
    const args: ImportanceArgs = OF_WEIGHTS.includes(importance)
      ? {importance}
      : {importance, calibration: {x, y, batchSize: 4}};
    const orders = fc.shuffledSubarray([...Array(SIZE).keys()], {minLength: SIZE});
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const before = await scoresOf(model, 'p', args);
        permute(model, order);
        const after = await scoresOf(model, 'p', args);
        expect(new Set(before).size).toBeGreaterThan(1);
        after.forEach((score, i) => expect(score).toBeCloseTo(before[order[i]], 3));
      }),
      {numRuns: 5},
    );
  });

  it.each(NAMES)('leaves the model as it is, by %s', async (importance) => {
    const {model, x, y} = normalized();
    const before = state(model);
    const args = OF_WEIGHTS.includes(importance) ? {} : {calibration: {x, y}};
    await scoresOf(model, 'p', {importance, ...args});
    expect(state(model)).toEqual(before);
    expect(model.layers.some((layer) => Object.hasOwn(layer, 'call'))).toBe(false);
  });

  it('reads a dataset, and disposes of its batches', async () => {
    const model = mlp();
    const args = {importance: 'lossChange', calibration: dataset()} as const;
    const scores = await scoresOf(model, 'dense_0', args);
    expect(scores).toHaveLength(6);
    expect(new Set(scores).size).toBe(6);
  });

  it('takes several inputs and outputs', async () => {
    const [a, b] = [input({shape: [2], name: 'a'}), input({shape: [1], name: 'b'})];
    const p = layers.dense({units: 2, name: 'p'}).apply(layers.concatenate().apply([a, b]));
    const outputs = ['c', 'd'].map((name) => layers.dense({units: 1, name}).apply(p));
    const model = makeModel({inputs: [a, b], outputs: outputs as never});
    model.compile({optimizer: 'sgd', loss: ['meanSquaredError', 'meanAbsoluteError']});
    const x = [tf.ones([3, 2]), tf.ones([3, 1])];
    const y = [tf.ones([3, 1]), tf.ones([3])];
    const scores = await scoresOf(model, 'p', {importance: 'lossChange', calibration: {x, y}});
    const loss = () => {
      const [c, d] = (model.predict(x) as tf.Tensor[]).map((each) => tf.sub(each, 1));
      return values(tf.add(tf.mean(tf.square(c)), tf.mean(tf.abs(d))))[0];
    };
    const before = loss();
    maskChannels(groupOf(model, 'p'), [1]);
    expect(scores[1]).toBeCloseTo(Math.abs(loss() - before), 3);
    stripPruning(model);
    const wrong = {importance: 'lossChange', calibration: {x: x[0], y}} as const;
    await expect(scoresOf(model, 'p', wrong)).rejects.toThrow(
      'calibration.x: expected 2 tensors, for a,b, but got 1.',
    );
  });

  let x: tf.Tensor;
  let y: tf.Tensor;
  beforeAll(() => {
    x = tf.ones([4, 4]);
    y = tf.ones([4, 2]);
  });

  it.each<[Omit<ImportanceArgs, 'calibration'> & {calibration?: unknown}, string]>([
    [{importance: 'l3' as never}, "importance: expected 'l2' or 'l1' or 'groupL2' or"],
    [
      {reduce: 'min' as never},
      "reduce: expected 'mean' or 'sum' or 'max' or 'prod' or 'first', but got 'min'.",
    ],
    [{seed: -1}, 'seed: expected an integer of at least 0, but got -1.'],
    [
      {importance: 'lossChange'},
      "calibration: expected data {x, y} or a dataset, which importance 'lossChange' looks at, but got undefined.",
    ],
    [
      {importance: 'meanActivation'},
      "calibration: expected data {x, y} or a dataset, which importance 'meanActivation' looks at",
    ],
    [
      {calibration: {}},
      "calibration: expected none for importance 'l2', which looks at no data, but got",
    ],
    [
      {importance: 'lossChange', calibration: {}},
      'calibration.x: expected a tensor, or a list of tensors, but got undefined.',
    ],
  ])('refuses %p', (args, message) => {
    expect(() => new ChannelScorer(args as ImportanceArgs)).toThrow(message);
  });

  it('refuses data that the model does not take', async () => {
    const refused = (args: ImportanceArgs) => expect(scoresOf(mlp(), 'dense_0', args)).rejects;
    const importance = 'lossChange';
    await (
      await refused({importance, calibration: {x: tf.ones([4, 3]), y}})
    ).toThrow('calibration.x: expected a tensor of shape [samples, 4], but got [4,3].');
    await (
      await refused({importance, calibration: {x, y: tf.ones([4, 1])}})
    ).toThrow('calibration.y: expected a tensor of shape [samples, 2], but got [4,1].');
    await (
      await refused({importance, calibration: {x, y: tf.ones([3, 2])}})
    ).toThrow('calibration.y: expected as many samples as inputs, 4, but got 3.');
  });

  it('refuses an importance that has nothing to go by', async () => {
    const refused = (model: LayersModel, args: ImportanceArgs) =>
      expect(scoresOf(model, 'dense_0', args)).rejects;
    await refused(mlp(), {importance: 'gamma'}).toThrow(
      "importance: expected another one for 'dense_0', whose channels have no gamma, but got 'gamma'.",
    );
    const still = mlp({dense: {trainable: false}});
    still.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    await refused(still, {importance: 'taylor'}).toThrow(
      "importance: expected calibration for 'dense_0', whose weights do not train, but got 'taylor'.",
    );
    expect(
      await scoresOf(still, 'dense_0', {importance: 'taylor', calibration: {x, y}}),
    ).toHaveLength(6);
  });

  it('refuses data for a model that keeps a state', async () => {
    const model = sequential({
      layers: [
        layers.simpleRNN({
          units: 3,
          stateful: true,
          batchInputShape: [2, 3, 1],
          recurrentInitializer: 'glorotUniform',
        }),
        layers.dense({units: 3, name: 'p'}),
        layers.dense({units: 1}),
      ],
    });
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    expect(channelGroups(model)).toHaveLength(3);
    const calibration = {x: tf.ones([2, 3, 1])};
    await expect(scoresOf(model, 'p', {importance: 'meanActivation', calibration})).rejects.toThrow(
      'calibration: expected a model without state between batches',
    );
  });
});

import * as tf from '@tensorflow/tfjs-core';
import {layers, type LayersModel, sequential} from '@tensorflow/tfjs-layers';

import {channelGroups, ChannelPruner, PruningError, pruneChannelsNow} from '../../lib';
import {registerTrainingKernels} from '../../lib/wasm';
import {backendName} from '../setup/backend';
import {QUIET, values, zeroPositions} from '../setup/models';

beforeAll(() => {
  if (backendName === 'wasm') {
    registerTrainingKernels();
  }
});

/** A convolution of 4 filters of norms 1 to 4, normalized; a dense layer of 3 units; an output. */
function model(): LayersModel {
  const made = sequential({
    layers: [
      layers.conv2d({filters: 4, kernelSize: 1, inputShape: [2, 2, 1], name: 'conv'}),
      layers.batchNormalization({name: 'norm'}),
      layers.flatten(),
      layers.dense({units: 3, name: 'hidden'}),
      layers.dense({units: 2, name: 'out'}),
    ],
  });
  made.getLayer('conv').setWeights([tf.tensor4d([1, -3, 2, 4], [1, 1, 1, 4]), tf.zeros([4])]);
  return made;
}

describe('channelGroups', () => {
  it('lists channels, their scores, and what goes with them', async () => {
    const own = model();
    const tensors = tf.memory().numTensors;
    const [filters, units, outputs] = await channelGroups(own);
    expect(filters).toMatchObject({
      name: 'conv',
      layers: ['conv'],
      size: 4,
      kind: 'filters',
      scores: [1, 3, 2, 4],
      zero: [],
      masked: false,
      frozen: undefined,
      readers: ['hidden'],
    });
    expect(filters.weights.map(({name, axis, role}) => [name, axis, role])).toEqual([
      ['conv/kernel', 3, 'producer'],
      ['conv/bias', 0, 'offset'],
      ['norm/gamma', 0, 'scale'],
      ['norm/beta', 0, 'offset'],
      ['norm/moving_mean', 0, 'offset'],
      ['norm/moving_variance', 0, 'follower'],
      ['hidden/kernel', 0, 'consumer'],
    ]);
    expect([units.name, units.kind, units.scores.length]).toEqual(['hidden', 'units', 3]);
    expect([outputs.frozen, outputs.scores]).toEqual(['an output of the model', []]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('scores by any importance, of data too', async () => {
    const x = tf.ones([3, 2, 2, 1]);
    const args = {importance: 'maxActivation', calibration: {x}} as const;
    const [filters] = await channelGroups(model(), args);
    const scale = 1 / Math.sqrt(1.001);
    [1, 3, 2, 4].forEach((each, i) => expect(filters.scores[i]).toBeCloseTo(each * scale, 4));
  });

  it.each<[string, object, RegExp]>([
    ['an option', {importnace: 'l2'}, /perhaps importance/],
    ['taylor without data', {importance: 'taylor'}, /calibration: expected data/],
    ['data that are not looked at', {calibration: {x: 1}}, /calibration: expected none/],
  ])('refuses %s', async (_, args, message) => {
    await expect(channelGroups(model(), args)).rejects.toThrow(PruningError);
    await expect(channelGroups(model(), args)).rejects.toThrow(message);
  });

  it('lists no scores where all must stay', async () => {
    const one = sequential({layers: [layers.dense({units: 2, inputShape: [2]})]});
    expect((await channelGroups(one)).map(({scores}) => scores)).toEqual([[]]);
  });
});

describe('ignore', () => {
  const decay = {initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 1};

  it('keeps the outputs that it numbers', async () => {
    const own = model();
    own.compile({optimizer: tf.train.sgd(0), loss: 'meanSquaredError'});
    const pruner = new ChannelPruner({...decay, ignore: {conv: [0]}});
    await own.fit(tf.ones([2, 2, 2, 1]), tf.ones([2, 2]), {...QUIET, callbacks: [pruner]});
    expect(zeroPositions(values(own.getLayer('conv').weights[0]))).toEqual([1, 2]);
  });

  it('keeps whole layers by true, in pruneChannelsNow too', async () => {
    const own = model();
    await pruneChannelsNow(own, {
      channels: 0.5,
      ignore: {conv: [0, 2], hidden: true},
    });
    expect(zeroPositions(values(own.getLayer('conv').weights[0]))).toEqual([1, 3]);
    expect(zeroPositions(values(own.getLayer('hidden').weights[0]))).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ['an unknown layer', {nope: [0]}, /ignore.*nope/],
    ['an output that there is not', {conv: [4]}, /ignore\['conv'\].*4/],
    ['what are no numbers', {conv: ['a']}, /ignore\['conv'\]: expected a list of indices/],
    ['false', {conv: false}, /ignore\['conv'\]: expected a list of indices/],
  ])('refuses %s', async (_, ignore, message) => {
    const pruning = async () => pruneChannelsNow(model(), {channels: 0.5, ignore} as never);
    await expect(pruning()).rejects.toThrow(message);
  });
});

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {getMask, PruningError, releaseMasks, setMask, snapshotWeights} from '../../lib/index';
import {maskOf, setMask as setVariableMask} from '../../lib/projection/mask';
import {setWeight} from '../setup/models';

function dense(): tfl.Sequential {
  const layer = tfl.layers.dense({
    units: 3,
    inputShape: [2],
    useBias: false,
    name: 'd',
    kernelInitializer: 'ones',
  });
  const model = tfl.sequential({layers: [layer]});
  write(model, [1, 2, 3, 4, 5, 6], [2, 3]);
  return model;
}

function write(model: tfl.LayersModel, values: number[], shape: number[]): void {
  const weight = tf.tensor(values, shape);
  model.setWeights([weight]);
  weight.dispose();
}

const valuesOf = (model: tfl.LayersModel) => [...model.getWeights()[0].dataSync()];
const MASK = [
  [1, 0, 1],
  [0, 0, 0],
];

it.each([
  ['zero' as const, [1, 0, 3, 0, 0, 0]],
  ['random' as const, [1, 1, 3, 1, 1, 1]],
  // The mean of the row's kept weights; 0 where a row has none.
  ['inherited' as const, [1, 2, 3, 0, 0, 0]],
])('frees pruned weights to %s', async (reset, wanted) => {
  const model = dense();
  await setMask(model, 'd', MASK);
  const before = tf.memory().numTensors;
  releaseMasks(model, {reset});
  expect(valuesOf(model)).toEqual(wanted);
  expect(getMask(model, 'd')).toBeNull();
  expect(tf.memory().numTensors).toBe(before - 1);
});

it('takes the initializers of stacked cells', async () => {
  const ones = {units: 2, kernelInitializer: 'ones', recurrentInitializer: 'zeros'} as const;
  const cell = [tfl.layers.simpleRNNCell(ones), tfl.layers.simpleRNNCell(ones)];
  const rnn = tfl.layers.rnn({cell, name: 'r', inputShape: [3, 2]}) as tfl.layers.Layer;
  const model = tfl.sequential({layers: [rnn]});
  const name = `r/${cell[1].name}/kernel`;
  await setMask(model, name, [
    [0, 1],
    [1, 0],
  ]);
  releaseMasks(model, {reset: 'random'});
  expect([...cell[1].weights[0].read().dataSync()]).toEqual([1, 1, 1, 1]);
});

it.each([
  ['zero' as const, {bias: [9, 0], gamma: [8, 0]}],
  ['random' as const, {bias: [9, 5], gamma: [8, 7]}],
  ['rewound' as const, {bias: [9, 2], gamma: [8, 4]}],
])('frees biases and normalizations too, to %s', (reset, wanted) => {
  const fives = tfl.initializers.constant({value: 5});
  const sevens = tfl.initializers.constant({value: 7});
  const layers = [
    tfl.layers.dense({units: 2, inputShape: [1], name: 'd', biasInitializer: fives}),
    tfl.layers.batchNormalization({name: 'n', gammaInitializer: sevens}),
  ];
  const model = tfl.sequential({layers});
  const [bias, gamma] = [layers[0].weights[1], layers[1].weights[0]];
  setWeight(layers[0], 1, [9, 2]);
  setWeight(layers[1], 0, [8, 4]);
  const snapshot = snapshotWeights(model);
  [bias, gamma].forEach((variable) => setVariableMask(variable, tf.tensor1d([1, 0])));
  releaseMasks(model, reset === 'rewound' ? {reset, snapshot} : {reset});
  const found = [bias, gamma].map((variable) => [...variable.read().dataSync()]);
  expect(found).toEqual([wanted.bias, wanted.gamma]);
  expect([bias, gamma].map(maskOf)).toEqual([undefined, undefined]);
  snapshot.dispose();
});

it('rewinds pruned weights alone to a snapshot', async () => {
  const model = dense();
  const before = tf.memory().numTensors;
  const snapshot = snapshotWeights(model);
  write(model, [10, 20, 30, 40, 50, 60], [2, 3]);
  await setMask(model, 'd', MASK);
  releaseMasks(model, {reset: 'rewound', snapshot});
  expect(valuesOf(model)).toEqual([10, 2, 30, 4, 5, 6]);
  snapshot.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('inherits over the window of a convolution, channel by channel', async () => {
  const layer = tfl.layers.conv2d({
    filters: 2,
    kernelSize: [1, 3],
    inputShape: [4, 4, 1],
    useBias: false,
    name: 'c',
  });
  const model = tfl.sequential({layers: [layer]});
  // [1, 3, 1, 2]: filter 0 is 1, 3, 5 and filter 1 is 2, 4, 6.
  write(model, [1, 2, 3, 4, 5, 6], [1, 3, 1, 2]);
  const mask = tf.tensor([1, 0, 0, 0, 1, 0], [1, 3, 1, 2]);
  await setMask(model, 'c', mask);
  mask.dispose();
  releaseMasks(model, {reset: 'inherited'});
  expect(valuesOf(model)).toEqual([1, 0, 3, 0, 5, 0]);
});

it('releases the named layers only', async () => {
  const layers = ['a', 'b'].map((name) => tfl.layers.dense({units: 2, inputShape: [2], name}));
  const model = tfl.sequential({layers});
  await setMask(model, 'a', [
    [1, 0],
    [0, 1],
  ]);
  await setMask(model, 'b', [
    [1, 0],
    [0, 1],
  ]);
  releaseMasks(model, {layers: ['a']});
  expect(getMask(model, 'a')).toBeNull();
  const kept = getMask(model, 'b');
  expect(kept).not.toBeNull();
  kept?.dispose();
});

it.each([
  ['an unknown reset', {reset: 'other'}, 'reset'],
  ['rewound without a snapshot', {reset: 'rewound'}, 'snapshot'],
  ['an unknown option', {other: 1}, 'releaseMasks'],
  ['an unknown layer', {layers: ['e']}, 'layers'],
])('refuses %s and leaves the masks', async (_case, args, argument) => {
  const model = dense();
  await setMask(model, 'd', MASK);
  const refused = () => releaseMasks(model, args as Parameters<typeof releaseMasks>[1]);
  expect(refused).toThrow(PruningError);
  expect(refused).toThrow(argument);
  expect(valuesOf(model).map(Math.abs)).toEqual([1, 0, 3, 0, 0, 0]);
  releaseMasks(model);
});

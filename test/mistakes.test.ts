import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {compressed} from '../lib/files/io';
import {
  autoPrune,
  ChannelPruner,
  ClusterWeights,
  composeCallbacks,
  ConstantSparsity,
  DynamicSparsity,
  exponentialDecay,
  getMask,
  L1Regularizer,
  LearningRateRewinding,
  NeuronPruner,
  piecewiseConstant,
  PolynomialDecay,
  pruneChannelsNow,
  pruneNow,
  QuantizeAware,
  runRecipe,
  sensitivity,
  setMask,
  shrink,
  sparsityReport,
  stripPruning,
  ThresholdPruning,
  WeightPruner,
} from '../lib/index';
import {data, fillKernels, mlp} from './setup/models';

const DECAY = {
  initialSparsity: 0.5,
  finalSparsity: 0.9,
  beginStep: 0,
  endStep: 8,
};

/** What a new user may write, as if there were no types. */
type Loose = never;

let x: tf.Tensor;
let y: tf.Tensor;

beforeAll(() => {
  ({x, y} = data());
});

const model = () => mlp({units: [6, 2]});
const pruner = (args: object) => new PolynomialDecay({...DECAY, ...args} as Loose);

async function fit(
  callback: unknown,
  epochs = 2,
  given: tfl.LayersModel = model(),
  batchSize = 10,
) {
  const callbacks = (Array.isArray(callback) ? callback : [callback]) as tfl.Callback[];
  await given.fit(x, y, {batchSize, epochs, verbose: 0, callbacks});
  return given;
}

async function pruned(given: tfl.LayersModel) {
  await pruneChannelsNow(given, {neurons: 0.5});
  return stripPruning(given);
}

let warn: jest.SpyInstance<void, unknown[]>;
const said = () => warn.mock.calls.flat().map(String);

beforeEach(() => {
  warn = jest.spyOn(console, 'warn').mockImplementation();
});

afterEach(() => warn.mockRestore());

afterAll(() => tf.dispose([x, y]));

describe('a mistake is refused in words that name it', () => {
  it.each<[string, () => unknown, string]>([
    ['a mistyped option', () => pruner({finalSparsty: 0.9}), '(perhaps finalSparsity)'],
    ['an option in snake case', () => pruner({final_sparsity: 0.9}), '(perhaps finalSparsity)'],
    ['part of an option', () => pruner({begin: 0}), 'options among'],
    ['percent', () => pruner({finalSparsity: 90}), 'finalSparsity: expected a number in [0, 1)'],
    ['all of it', () => pruner({finalSparsity: 1}), 'finalSparsity: expected a number in [0, 1)'],
    ['a number as text', () => pruner({finalSparsity: '0.9'}), "but got '0.9'"],
    ['a falling schedule', () => pruner({initialSparsity: 0.95}), 'at least initialSparsity'],
    ['an end before the begin', () => pruner({beginStep: 10}), 'endStep: expected an integer'],
    ['half a step', () => pruner({endStep: 1.5}), 'endStep: expected an integer'],
    ['a negative step', () => pruner({beginStep: -1}), 'beginStep: expected an integer'],
    ['no end', () => pruner({endStep: undefined}), 'endStep: expected an integer'],
    ['a frequency of 0', () => pruner({frequency: 0}), 'frequency: expected an integer'],
    ['epochs with an s', () => pruner({unit: 'epochs'}), "unit: expected 'step' or 'epoch'"],
    ['an unknown criterion', () => pruner({criterion: 'l1'}), "criterion: expected 'magnitude'"],
    ['an unknown scope', () => pruner({scope: 'model'}), "scope: expected 'layer' or 'global'"],
    ['a name and no list', () => pruner({layers: 'dense_0'}), 'layers: expected a predicate'],
    ['a share of a layer in percent', () => pruner({layers: {dense_0: 50}}), "layers['dense_0']"],
    ['no arguments', () => new PolynomialDecay(undefined as Loose), 'an object of options'],
    [
      'the other callback’s option',
      () => new ConstantSparsity({finalSparsity: 0.5} as Loose),
      'ConstantSparsity: expected options among',
    ],
    ['2:4 of another sparsity', () => pruner({structure: {n: 2, m: 4}}), '0.5'],
    [
      'a threshold as a share',
      () => new ThresholdPruning({threshold: {quantile: 0.5}} as Loose),
      'ConstantSparsity',
    ],
    [
      'a schedule out of order',
      () =>
        piecewiseConstant([
          [5, 0.5],
          [2, 0.9],
        ]),
      'steps[1][0]',
    ],
    ['power of another schedule', () => exponentialDecay({...DECAY, power: 3} as Loose), 'power'],
    ['a negative strength', () => new L1Regularizer({l1: -1}), 'l1: expected a finite number'],
    ['bits', () => new QuantizeAware({bits: 64} as Loose), 'bits'],
    [
      'an unknown method',
      () => new DynamicSparsity({method: 'RigL'} as Loose),
      "method: expected 'surgery'",
    ],
    ['nothing to compose', () => composeCallbacks({onEpoch: () => {}} as Loose), 'callbacks'],
    ['a format', () => compressed('indexeddb://x', {format: 'zip'} as Loose), 'format'],
    ['an unknown layer', () => fit(pruner({layers: ['dense_O']})), "(perhaps 'dense_0')"],
    ['another model’s layer', () => fit(pruner({layers: [model().layers[0]]})), 'of another model'],
    ['a map of an unknown layer', () => fit(pruner({layers: {dense: 0.5}})), 'names of layers'],
    ['a plain object first', () => fit([{onEpochEnd: () => {}}, pruner({})]), 'composeCallbacks'],
    [
      'no compile',
      async () => {
        const callback = pruner({});
        callback.setModel(
          tfl.sequential({
            layers: [tfl.layers.dense({units: 1, inputShape: [1]})],
          }),
        );
        await callback.onTrainBegin();
      },
      'model: expected a compiled model',
    ],
    ['no setModel', () => pruner({}).onTrainBegin(), 'setModel(model) before onTrainBegin()'],
    [
      'filters of dense layers',
      () => fit(new ChannelPruner({...DECAY, layers: ['dense_0']})),
      'NeuronPruner',
    ],
    ['filters where there are none', () => fit(new ChannelPruner(DECAY)), 'NeuronPruner'],
    [
      'units of convolutions',
      () => {
        const conv = tfl.layers.conv2d({
          filters: 2,
          kernelSize: 2,
          inputShape: [4, 4, 1],
          name: 'c',
        });
        const other = tfl.sequential({
          layers: [
            conv,
            tfl.layers.flatten(),
            tfl.layers.dense({units: 3}),
            tfl.layers.dense({units: 1}),
          ],
        });
        return pruneChannelsNow(fillKernels(other), {
          neurons: 0.5,
          layers: ['c'],
        });
      },
      'ChannelPruner',
    ],
    [
      'a promise of a model',
      () => pruneNow(Promise.resolve(model()) as Loose, {sparsity: 0.5}),
      'an instance of Promise',
    ],
    [
      'a model of another copy',
      () => sparsityReport({predict() {}, getWeights() {}} as Loose),
      'npm ls',
    ],
    ['amount', () => pruneNow(model(), {amount: 0.5} as Loose), 'sparsity: expected the share'],
    ['no sparsity', () => pruneNow(model(), {} as Loose), 'sparsity: expected'],
    [
      'gradients without training',
      () => pruneNow(model(), {sparsity: 0.5, criterion: 'taylor'}),
      'criterion',
    ],
    [
      'a mask of another shape',
      () => setMask(model(), 'dense_0', [[1, 0]]),
      'mask: expected shape',
    ],
    [
      'x and y one by one',
      () => sensitivity(model(), x as Loose, y as Loose),
      'not x and y one by one',
    ],
    [
      'accuracy that is not there',
      () => sensitivity(model(), {x, y}, {metric: 'accuracy'}),
      "metrics: ['accuracy']",
    ],
    [
      'no goal',
      () =>
        autoPrune(model(), {
          train: {x, y, epochs: 1},
          validation: {x, y},
        }),
      'maxDrop, sparsity, size',
    ],
    [
      'a strip of nothing',
      () => stripPruning(undefined as Loose),
      'model: expected a tf.LayersModel',
    ],
    [
      'a recipe of no steps',
      () => runRecipe(model(), {steps: []} as Loose, {} as Loose),
      'expected',
    ],
    [
      'a least share without all layers together',
      () => pruneNow(model(), {sparsity: 0.5, minKeep: 0.1}),
      "scope: expected 'global' with minKeep",
    ],
    [
      'LAMP within a layer',
      () => pruneNow(model(), {sparsity: 0.5, criterion: 'lamp'}),
      "scope: expected 'global' with criterion 'lamp'",
    ],
    [
      'a normalizer of one layer’s scores',
      () => new NeuronPruner({...DECAY, normalize: 'max'}),
      "scope: expected 'global' or 'isomorphic' with normalize",
    ],
    [
      'a function that falls',
      () => new WeightPruner({schedule: (step) => 0.9 - step / 20, endStep: 8, frequency: 4}),
      'schedule(4): expected at least 0.9, as before',
    ],
    [
      'percent from a function',
      () => new WeightPruner({schedule: (step) => 10 * step, endStep: 8, frequency: 4}),
      'schedule(4): expected a number in [0, 1)',
    ],
    ['a layer by its number', () => getMask(model(), 0 as Loose), 'layer: expected the name'],
    [
      'a cosine by name',
      () => new LearningRateRewinding({schedule: 'cosine' as Loose, endStep: 4}),
      'schedule: expected a schedule such as',
    ],
    [
      'clusters that move, by the thousand',
      () => new ClusterWeights({clusters: 1000, reassign: true}),
      "clusters: expected at most 64 with 'reassign'",
    ],
    [
      'a head that does not fit',
      () => pruneChannelsNow(model(), {neurons: 0.5, groupSize: 4}),
      "groupSize: expected a divisor of the 6 channels of 'dense_0'",
    ],
    ['shrink of a file', () => shrink('model.json' as Loose), "but got 'model.json'"],
  ])('%s', async (_, act, message) => {
    const attempt = async () => void (await act());
    await expect(attempt()).rejects.toMatchObject({name: 'PruningError'});
    await expect(attempt()).rejects.toThrow(message);
  });
});

describe('a mistake that is legal is said once', () => {
  it.each<[string, () => unknown, string]>([
    ['too few epochs', () => fit(pruner({endStep: 2000})), 'training will end'],
    [
      'a frequency that is too large',
      () => fit(pruner({endStep: 40, frequency: 30}), 10),
      'rises in 3 updates only',
    ],
    ['epochs as steps', () => fit(pruner({endStep: 4}), 10, model(), 2), "unit: 'epoch'"],
    [
      'a model that was trained already',
      async () => fit(pruner({endStep: 20}), 5, await fit([], 3)),
      'so pruning starts there',
    ],
    [
      'zeros without resume',
      async () => {
        const given = model();
        await pruneNow(given, {sparsity: 0.9});
        return fit(
          pruner({initialSparsity: 0.2, unit: 'epoch', endStep: 2}),
          2,
          stripPruning(given),
        );
      },
      'are zero without a mask',
    ],
    [
      'a threshold above all',
      () =>
        fit(
          new ThresholdPruning({threshold: 1e6, endStep: 1}),
          1,
          mlp({units: [100, 2], inputs: 4}),
        ),
      'less than 1 % is left',
    ],
    [
      'an L1 above all',
      () =>
        fit(new L1Regularizer({l1: 1e6, mode: 'proximal'}), 2, mlp({units: [100, 2], inputs: 4})),
      'less than 1 % is left of dense_0/kernel, dense_1/kernel. Lower l1',
    ],
    [
      'a shrink of zeros that are spread',
      async () => {
        const given = model();
        await pruneNow(given, {sparsity: 0.5});
        return shrink(stripPruning(given));
      },
      'no channel or unit is zero as a whole',
    ],
    [
      'cycles of the learning rate by epochs',
      () => fit(new LearningRateRewinding({schedule: [], endStep: 4}), 4),
      "say unit: 'epoch'",
    ],
    [
      'cycles that are longer than training',
      () => fit(new LearningRateRewinding({schedule: [], endStep: 400}), 4),
      'training will end 384 steps before endStep (400)',
    ],
    [
      'an optimizer that does not count',
      () => {
        const optimizer = tf.train.sgd(0.1);
        Reflect.set(optimizer, 'incrementIterations', () => {});
        return fit(pruner({unit: 'step', endStep: 8}), 2, mlp({optimizer}));
      },
      'does not count its steps',
    ],
    [
      'one-epoch fits in a loop',
      async () => {
        const [given, callback] = [model(), pruner({endStep: 24})];
        for (let i = 0; i < 5; ++i) {
          await fit(callback, 1, given);
        }
      },
      'training will end 20 steps before endStep (24)',
    ],
  ])('%s', async (_, act, message) => {
    await act();
    expect(said()).toEqual([expect.stringContaining(message)]);
  });
});

describe('what is right is silent', () => {
  it.each<[string, () => unknown]>([
    ['a decay that ends', () => fit(pruner({}), 4)],
    ['by epochs', () => fit(pruner({unit: 'epoch', endStep: 3}), 4)],
    ['rounding before pruning', () => fit([new QuantizeAware({}), pruner({})], 4)],
    ['cycles that fit', () => fit(new LearningRateRewinding({schedule: [8], endStep: 16}), 4)],
    ['a shrink of units', async () => shrink(await pruned(model()))],
    ['units', () => fit(new NeuronPruner({...DECAY, finalSparsity: 0.5}), 4)],
    [
      'a constant sparsity',
      () => fit(new ConstantSparsity({targetSparsity: 0.5, beginStep: 0}), 4),
    ],
    [
      'zeros with resume',
      async () => {
        const given = model();
        await pruneNow(given, {sparsity: 0.6});
        return fit(pruner({resume: true, unit: 'epoch', endStep: 2}), 2, stripPruning(given));
      },
    ],
  ])('%s', async (_, act) => {
    await act();
    expect(said()).toEqual([]);
  });
});

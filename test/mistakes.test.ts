import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {compressed} from '../lib/files/io';
import {fileSystem} from '../lib/files/node/index';
import {
  autoPrune,
  ChannelPruner,
  ClusterWeights,
  composeCallbacks,
  ConstantSparsity,
  distill,
  DynamicSparsity,
  exponentialDecay,
  getMask,
  L1Regularizer,
  LayerPruner,
  LearningRateRewinding,
  NeuronPruner,
  piecewiseConstant,
  PolynomialDecay,
  pruneChannelsNow,
  pruneGraph,
  pruneNow,
  QuantizeAware,
  reconstruct,
  releaseMasks,
  runRecipe,
  sensitivity,
  setMask,
  shrink,
  snapshotWeights,
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
/** Inputs and one-hot labels. */
const classes = () => ({
  x: tf.clone(x),
  y: tf.cast(tf.oneHot(tf.cast(tf.mod(tf.range(0, 40), 2), 'int32'), 2), 'float32'),
});

function classifier(): tfl.LayersModel {
  const layers = [
    tfl.layers.dense({units: 4, inputShape: [4], name: 'a'}),
    tfl.layers.dense({units: 4, name: 'b'}),
    tfl.layers.dense({units: 2, activation: 'softmax', name: 'c'}),
  ];
  const made = fillKernels(tfl.sequential({layers}));
  made.compile({optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
  return made;
}

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
    ['a block without its name', () => pruner({structure: [1, 4]}), '{block: [rows, columns]'],
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
    [
      'a graph as a model of layers',
      () => pruneNow({execute() {}, executeAsync() {}, predict() {}} as Loose, {sparsity: 0.5}),
      'a tf.LayersModel: pruneGraph takes a GraphModel',
    ],
    [
      'a model of layers as a graph',
      () => pruneGraph(model() as Loose, {sparsity: 0.5}),
      'a tf.GraphModel: pruneNow takes a tf.LayersModel',
    ],
    [
      'amount',
      () => pruneNow(model(), {amount: 0.5} as Loose),
      'amount: expected sparsity, the share',
    ],
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
      'a student that teaches itself',
      () => {
        const both = classifier();
        return distill({teacher: both, student: both});
      },
      'student: expected another model than the teacher',
    ],
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
    [
      'samples that are gone',
      () => {
        const gone = tf.ones([4, 4]);
        gone.dispose();
        return pruneNow(model(), {sparsity: 0.5, calibration: {x: gone}});
      },
      'calibration.x: expected tensors in use',
    ],
    [
      'a snapshot that is not rewound to',
      () => releaseMasks(model(), {snapshot: {weights: new Map(), dispose() {}}}),
      "reset: expected 'rewound' with a snapshot",
    ],
    [
      'a packed file in the format of tfjs',
      () => compressed('model.tfpack', {format: 'tfjs'}),
      "format: expected 'packed' for a name that ends with .tfpack",
    ],
    [
      'a file in place of its directory',
      () => model().save(fileSystem('out/none/model.json')),
      'a directory, into which model.json goes',
    ],
    ['a file on a server', () => fileSystem('https://a.site/model.json'), 'on this machine'],
    [
      'a mask in words',
      () => setMask(model(), 'dense_0', 'all' as Loose),
      'mask: expected a tensor',
    ],
    [
      'a mask that is gone',
      () => {
        const mask = tf.ones([4, 6]);
        mask.dispose();
        return setMask(model(), 'dense_0', mask);
      },
      'mask: expected a tensor in use',
    ],
    [
      'all channels of a layer',
      () => pruneChannelsNow(model(), {channels: {dense_0: [0, 1, 2, 3, 4, 5]}}),
      "channels: expected fewer than the 6 channels of 'dense_0'",
    ],
    [
      'a drop of accuracy in points',
      () => {
        const {x, y} = classes();
        const train = {x, y, epochs: 1};
        return autoPrune(classifier(), {train, validation: {x: tf.clone(x), y}, maxDrop: 2});
      },
      'maxDrop: expected a share of accuracy, such as 0.02 for 2 points',
    ],
    [
      'a drop in points, of layers',
      () => {
        const {x, y} = classes();
        const validation = {x, y};
        const callbacks = [new LayerPruner({maxDrop: 2, validation})];
        return classifier().fit(x, y, {verbose: 0, callbacks});
      },
      'maxDrop: expected a share of accuracy',
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
      'next to nothing is left',
    ],
    [
      'an L1 above all',
      () =>
        fit(new L1Regularizer({l1: 1e6, mode: 'proximal'}), 2, mlp({units: [100, 2], inputs: 4})),
      'next to nothing is left of dense_0/kernel, dense_1/kernel. Lower l1',
    ],
    [
      'a shrink of zeros that are spread',
      async () => {
        const given = model();
        await pruneNow(given, {sparsity: 0.5});
        return shrink(stripPruning(given));
      },
      'no whole channel or unit is zero',
    ],
    [
      'cycles of the learning rate by epochs',
      () => fit(new LearningRateRewinding({schedule: [], endStep: 4}), 4),
      "set unit: 'epoch'",
    ],
    [
      'cycles that are longer than training',
      () => fit(new LearningRateRewinding({schedule: [], endStep: 400}), 4),
      'training will end at step 16, before endStep (400)',
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

describe('a mistake of callbacks that do not go together is said once', () => {
  const less = {initialSparsity: 0, finalSparsity: 0.6};

  it.each<[string, () => unknown, string]>([
    [
      'two pruners of the same weights',
      () => fit([pruner({}), pruner(less)], 4),
      'PolynomialDecay: PolynomialDecay prunes the same weights',
    ],
    [
      'another pruner of some of the weights',
      () =>
        fit(
          [
            pruner({}),
            new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, layers: ['dense_1']}),
          ],
          4,
        ),
      'ConstantSparsity: PolynomialDecay prunes the same weights',
    ],
    [
      'two that set the learning rate',
      () =>
        fit(
          [
            new LearningRateRewinding({schedule: [], endStep: 16}),
            new LearningRateRewinding({schedule: [8], endStep: 16}),
          ],
          4,
        ),
      'LearningRateRewinding: two of them set the learning rate of the same training',
    ],
    [
      'an end without a begin',
      async () => {
        const callback = pruner({});
        callback.setModel(model());
        await callback.onTrainEnd();
      },
      'onTrainEnd() without onTrainBegin() did nothing',
    ],
    [
      'batches without a begin',
      async () => {
        const callback = pruner({});
        callback.setModel(model());
        await callback.onBatchEnd(0);
        await callback.onBatchEnd(1);
        await callback.onTrainEnd();
      },
      'onBatchEnd() without onTrainBegin() did nothing',
    ],
    [
      'less than is pruned already',
      async () => {
        const given = await fit(pruner({}), 4);
        given.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
        await fit(pruner(less), 4, given);
      },
      'the sparsity is 0.9167 already, more than asked for',
    ],
    [
      'fewer units than are pruned already',
      async () => {
        const given = model();
        await pruneChannelsNow(given, {neurons: 0.5});
        await fit(new NeuronPruner({...DECAY, ...less, finalSparsity: 0.2}), 4, given);
      },
      'the sparsity is 0.5000 already, more than asked for',
    ],
  ])('%s', async (_, act, message) => {
    await act();
    expect(said()).toEqual([expect.stringContaining(message)]);
  });
});

describe('a mistake of the length of training, or of the data, is said once', () => {
  const slow = () => mlp({optimizer: tf.train.momentum(0.01, 0.9)});

  it.each<[string, () => unknown, string]>([
    [
      'cycles of the learning rate that are over',
      async () => {
        const given = await fit([], 4);
        await fit(new LearningRateRewinding({schedule: [], endStep: 16}), 4, given);
      },
      'Compile the model again to count from 0',
    ],
    [
      'cycles that end in the first half',
      () => fit(new LearningRateRewinding({schedule: [], endStep: 6}), 4),
      'the last cycle ends after 6 of 16 steps',
    ],
    [
      'rounding that begins too late',
      () => fit(new QuantizeAware({beginStep: 40}), 4),
      'training ended before beginStep (40), so no weight is rounded',
    ],
    [
      'surgery that goes on',
      () => fit(new DynamicSparsity({...DECAY, method: 'surgery', stopStep: 40}), 4, slow()),
      'training will end at step 16, before stopStep (40), while masks still change',
    ],
    [
      'connections that move for longer',
      () => fit(new DynamicSparsity({method: 'rigl', sparsity: 0.5, endStep: 400}), 4),
      'training will end at step 16, before stopStep (300)',
    ],
    [
      'a threshold above nearly all',
      () => fit(new ThresholdPruning({threshold: 80, endStep: 1}), 1),
      'next to nothing is left of dense_0/kernel, dense_1/kernel',
    ],
    [
      'release after strip',
      async () => {
        const given = model();
        await pruneNow(given, {sparsity: 0.5});
        releaseMasks(stripPruning(given));
      },
      'there is no mask to release',
    ],
    [
      'a snapshot of the pruned model',
      async () => {
        const given = model();
        await pruneNow(given, {sparsity: 0.5});
        const teacher = snapshotWeights(given);
        await reconstruct(given, {teacher, x});
        teacher.dispose();
      },
      'Take the snapshot before you prune',
    ],
    [
      'one sample',
      () => pruneNow(model(), {sparsity: 0.5, calibration: {x: tf.ones([1, 4])}}),
      'looks at 1 sample only',
    ],
    [
      'images in bytes',
      () => {
        const image = {inputShape: [4, 4, 1], filters: 2, kernelSize: 3};
        const layers = [
          tfl.layers.conv2d(image),
          tfl.layers.flatten(),
          tfl.layers.dense({units: 2}),
        ];
        const bytes = tf.floor(tf.randomUniform([20, 4, 4, 1], 0, 256, 'float32', 1));
        const calibration = {x: bytes};
        return pruneNow(fillKernels(tfl.sequential({layers})), {sparsity: 0.2, calibration});
      },
      'the images are whole numbers up to 25',
    ],
    [
      'the same samples to train and to judge by',
      () => {
        const {x, y} = classes();
        return autoPrune(classifier(), {
          train: {x, y, epochs: 1},
          validation: {x, y},
          sparsity: 0.5,
          budget: {epochs: 2},
        });
      },
      'validation and train have the same samples',
    ],
    [
      'distillation by plain labels',
      async () => {
        const {x, y} = classes();
        const student = classifier();
        const {loss, metrics} = distill({teacher: classifier()});
        student.compile({optimizer: 'sgd', loss, metrics});
        await student.fit(x, y, {epochs: 2, verbose: 0});
      },
      'the model trains with plain labels, so the teacher teaches nothing',
    ],
  ])('%s', async (_, act, message) => {
    await act();
    expect(said()).toEqual([expect.stringContaining(message)]);
  });
});

describe('what is right is silent', () => {
  it.each<[string, () => unknown]>([
    ['a decay that ends', () => fit(pruner({}), 4)],
    [
      'two pruners of their own weights',
      () => fit([pruner({layers: ['dense_0']}), pruner({layers: ['dense_1']})], 4),
    ],
    [
      'weights and units',
      () => fit([pruner({}), new NeuronPruner({...DECAY, finalSparsity: 0.5})], 4),
    ],
    [
      'one pruner in two fits, and another after it',
      async () => {
        const [given, callback] = [model(), pruner({})];
        await fit(callback, 4, given);
        await fit(callback, 1, given);
        given.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
        await fit(new ConstantSparsity({targetSparsity: 0.9, beginStep: 0}), 1, given);
      },
    ],
    ['by epochs', () => fit(pruner({unit: 'epoch', endStep: 3}), 4)],
    ['rounding before pruning', () => fit([new QuantizeAware({}), pruner({})], 4)],
    ['cycles that fit', () => fit(new LearningRateRewinding({schedule: [8], endStep: 16}), 4)],
    ['a shrink of units', async () => shrink(await pruned(model()))],
    [
      'surgery that stops',
      () => fit(new DynamicSparsity({...DECAY, method: 'surgery', stopStep: 12}), 4),
    ],
    [
      'connections that move for three quarters',
      () => fit(new DynamicSparsity({method: 'rigl', sparsity: 0.5, endStep: 16}), 4),
    ],
    [
      'distillation that is validated by plain labels',
      async () => {
        const {x, y} = classes();
        const student = classifier();
        const {loss, metrics, targets} = distill({teacher: classifier()});
        student.compile({optimizer: 'sgd', loss, metrics});
        const taught = (await targets(x, y)) as tf.Tensor;
        await student.fit(x, taught, {epochs: 2, verbose: 0, validationData: [x, y]});
      },
    ],
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

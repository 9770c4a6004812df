import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {LayersModel} from '@tensorflow/tfjs-layers';

import {
  autoPrune,
  PruningError,
  pruneNow,
  recalibrateNormalization,
  setMask,
  shrink,
  sparsityReport,
  stripPruning,
  type AutoPruneArgs,
  type AutoPruneReport,
} from '../../lib/index';
import {registerTrainingKernels} from '../../lib/wasm/index';
import {backendName} from '../setup/backend';
import {fillKernels, state, weights} from '../setup/models';
import {samples} from './two_classes';

/** Two classes by the sign of the first number; a classifier wider than that needs. */
function classifier(seed = 1) {
  const layers = [
    tfl.layers.dense({units: 12, activation: 'tanh', inputShape: [4], name: 'wide'}),
    tfl.layers.dense({units: 2, activation: 'softmax', name: 'classes'}),
  ];
  const model = fillKernels(tfl.sequential({layers, name: 'toy'}), seed);
  model.compile({
    optimizer: tf.train.adam(0.02),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}

/** Another one, whose statistics hardly follow what it is trained on. */
function normalized() {
  const layers = [
    tfl.layers.dense({units: 12, inputShape: [4], name: 'wide'}),
    tfl.layers.batchNormalization({name: 'norm', momentum: 0.999}),
    tfl.layers.dense({units: 2, activation: 'softmax', name: 'classes'}),
  ];
  const model = fillKernels(tfl.sequential({layers}));
  model.compile({optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
  return model;
}

const data = () => ({
  train: {...samples(48, 3), batchSize: 8, epochs: 3},
  validation: samples(40, 4),
});

let start: tf.Tensor[] = [];

/** A model that was trained once for all tests. */
async function trained() {
  const model = classifier();
  if (start.length === 0) {
    const {train} = data();
    await model.fit(train.x, train.y, {epochs: 15, verbose: 0, shuffle: false});
    tf.dispose([train.x, train.y]);
    start = model.getWeights().map((weight) => tf.clone(weight));
  }
  model.setWeights(start);
  return model;
}

beforeEach(() => {
  // The pruners say so when training ends early, as it does where it is stopped.
  jest.spyOn(console, 'warn').mockImplementation(() => {});
});

afterEach(() => jest.restoreAllMocks());

/** A journal in memory, that shows what it holds. */
function memory() {
  let text: string | null = null;
  return {
    read: () => text,
    write: (given: string) => {
      text = given;
    },
    pages: () => JSON.parse(text!) as {entries: unknown[]; model: string},
    set: (given: string) => {
      text = given;
    },
  };
}

/** A report without what time it took. */
const timeless = ({trials, ...report}: AutoPruneReport) => ({
  ...report,
  trials: trials.map((trial) => ({...trial, seconds: 0})),
});

describe('autoPrune', () => {
  it('prunes as far as the drop allows, within the budget', async () => {
    const model = await trained();
    const args = data();
    const iterations = model.optimizer.iterations;
    const before = tf.memory().numTensors;
    const result = await autoPrune(model, {...args, maxDrop: 0.1, budget: {epochs: 15}});
    expect(result.model).toBe(model);
    const {report} = result;
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    const {chosen, trials, baseline, epochs} = report;
    expect((await sparsityReport(model)).sparsity).toBeCloseTo(chosen.sparsity, 6);
    const accuracy = (model.evaluate(args.validation.x, args.validation.y) as tf.Scalar[])[1];
    expect((await accuracy.data())[0]).toBeCloseTo(chosen.metric, 6);
    expect(chosen.drop).toBeCloseTo(baseline - chosen.metric, 6);
    expect(chosen.drop).toBeLessThanOrEqual(0.05);
    expect(chosen.sparsity).toBeGreaterThan(0.6);
    expect(epochs).toBeLessThanOrEqual(15);
    expect(trials.reduce((all, trial) => all + trial.epochs, 0)).toBe(epochs);
    expect(report.sensitivity.layers.map(({name}) => name)).toEqual(['wide', 'classes']);
    expect(model.optimizer.iterations).toBe(iterations);
    // Masks hold in a fit that follows.
    await model.fit(args.train.x, args.train.y, {epochs: 1, verbose: 0});
    expect((await sparsityReport(model)).sparsity).toBeCloseTo(chosen.sparsity, 6);
    stripPruning(model);
    // The scalars of `evaluate`, and the slots of the optimizer's first fit since.
    tf.dispose(accuracy);
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(1);
  });

  it('judges candidates with statistics of the training data', async () => {
    const model = normalized();
    const args = data();
    await autoPrune(model, {...args, sparsity: 0.75, budget: {epochs: 4}});
    const found = weights(model);
    const {x, batchSize} = args.train;
    await recalibrateNormalization(model, {x, batchSize});
    found.forEach((numbers, i) =>
      numbers.forEach((number, j) => expect(number).toBeCloseTo(weights(model)[i][j], 4)),
    );
  });

  it.each([{sparsity: 0.75}, {macs: 40}])('does not warn of statistics, for %j', async (goal) => {
    const model = normalized();
    const {train, validation} = data();
    // A step of training, after which nothing has seen the pruned model.
    const args = {train: {...train, batchSize: 48, epochs: 1}, validation};
    const {callbacks} = await autoPrune(model, {...args, ...goal, budget: {epochs: 1}});
    expect(console.warn).not.toHaveBeenCalled();
    // Whoever trains with its callbacks has nobody who measures them again.
    await model.fit(train.x, train.y, {
      batchSize: 48,
      epochs: 1,
      verbose: 0,
      callbacks: callbacks(),
    });
    expect(console.warn).toHaveBeenCalledWith(expect.stringContaining('lags behind'));
  });

  it('reaches a sparsity exactly, and gives callbacks that do the same', async () => {
    const [model, again] = [await trained(), await trained()];
    const {train, validation} = data();
    const epochOf = () => {
      const batches = async function* () {
        for (let i = 0; i < 48; i += 8) {
          yield {xs: tf.slice(train.x, [i, 0], [8, -1]), ys: tf.slice(train.y, [i, 0], [8, -1])};
        }
      };
      return {size: 6, iterator: async () => batches()};
    };
    const {report, callbacks} = await autoPrune(model, {
      train: {dataset: epochOf, epochs: 3},
      validation,
      sparsity: 0.75,
      budget: {epochs: 9},
    });
    expect(report.chosen.sparsity).toBe(0.75);
    expect((await sparsityReport(model)).sparsity).toBe(0.75);
    again.compile({optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy'});
    const {epochs} = report.chosen;
    await again.fitDataset(epochOf(), {epochs, verbose: 0, callbacks: callbacks()});
    expect(weights(again)).toEqual(weights(model));
    stripPruning(model);
    stripPruning(again);
  });

  it.each(['weight', 'neuron'] as const)('reaches a size by %s', async (granularity) => {
    const model = await trained();
    const args = {...data(), size: 4 * 40, granularity, budget: {epochs: 5}};
    const {report} = await autoPrune(model, args);
    expect(report.chosen.parameters).toBeLessThanOrEqual(40);
    expect(report.chosen.parameters).toBeGreaterThan(30);
    if (granularity === 'neuron') {
      const smaller = await shrink(stripPruning(model));
      expect(smaller.countParams()).toBe(report.chosen.parameters);
      smaller.dispose();
    } else {
      const {zeros} = await sparsityReport(model);
      expect(model.countParams() - zeros).toBe(report.chosen.parameters);
      stripPruning(model);
    }
  });

  it('prunes filters to a size that shrink then gives', async () => {
    if (backendName === 'wasm') {
      registerTrainingKernels();
    }
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({filters: 6, kernelSize: 3, inputShape: [6, 6, 1], activation: 'relu'}),
        tfl.layers.conv2d({filters: 8, kernelSize: 3, activation: 'relu'}),
        tfl.layers.flatten(),
        tfl.layers.dense({units: 2, activation: 'softmax'}),
      ],
    });
    fillKernels(model);
    model.compile({optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
    const x = tf.randomUniform([12, 6, 6, 1], 0, 1, 'float32', 1);
    const y = tf.oneHot(tf.tensor1d([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], 'int32'), 2);
    const {report} = await autoPrune(model, {
      train: {x, y, batchSize: 4, epochs: 1},
      validation: {x, y},
      size: 4 * 300,
      granularity: 'channel',
      budget: {epochs: 3},
    });
    const {chosen} = report;
    expect(chosen.allocation).not.toBe('global');
    const smaller = await shrink(stripPruning(model));
    expect(smaller.countParams()).toBe(chosen.parameters);
    expect(chosen.parameters).toBeLessThanOrEqual(300);
    expect(chosen.parameters).toBeGreaterThan(200);
    smaller.dispose();
    tf.dispose([x, y]);
  });

  it('prunes units by a loss, and keeps masks that were there', async () => {
    const model = await trained();
    await pruneNow(model, {sparsity: 0.25, layers: ['wide']});
    const zeros = weights(model)[0].flatMap((value, i) => (Math.abs(value) === 0 ? [i] : []));
    const args = {...data(), granularity: 'neuron', metric: 'loss', maxDrop: 0.5} as const;
    const {report} = await autoPrune(model, args);
    expect(report.chosen.args).toHaveProperty('importance');
    const after = weights(model)[0];
    zeros.forEach((i) => expect(Math.abs(after[i])).toBe(0));
    stripPruning(model);
  });

  it('is the same for the same seed', async () => {
    const reports: AutoPruneReport[] = [];
    const models: number[][][] = [];
    for (const seed of [2, 2, 3]) {
      const model = await trained();
      const args = {...data(), sparsity: 0.7, seed, budget: {epochs: 4}};
      reports.push((await autoPrune(model, args)).report);
      models.push(weights(model));
      stripPruning(model);
    }
    expect(timeless(reports[1])).toEqual(timeless(reports[0]));
    expect(models[1]).toEqual(models[0]);
    expect(models[2]).not.toEqual(models[0]);
  });
});

describe('autoPrune, to a cost', () => {
  it.each(['weight', 'neuron'] as const)(
    'keeps to multiply-accumulates by %s',
    async (granularity) => {
      const model = await trained();
      const args = {...data(), macs: 30, granularity, budget: {epochs: 6}};
      const {report} = await autoPrune(model, args);
      const {before, after} = report.cost;
      // 4 · 12 + 12 · 2 weights, 14 biases.
      expect(before).toEqual({parameters: 86, macs: 72});
      expect(after.macs).toBeLessThanOrEqual(30);
      expect(after.macs).toBeGreaterThan(granularity === 'weight' ? 28 : 20);
      expect(after.parameters).toBe(report.chosen.parameters);
      expect(report.trials.map(({allocation}) => allocation)).not.toContain('global');
      stripPruning(model);
    },
  );

  it('keeps to milliseconds, by a time that was measured once', async () => {
    let clock = 0;
    const model = await trained();
    // Ten milliseconds to begin with, and one more for each unit.
    const predict = LayersModel.prototype.predict;
    jest.spyOn(performance, 'now').mockImplementation(() => clock);
    jest.spyOn(LayersModel.prototype, 'predict').mockImplementation(function (
      this: typeof model,
      x,
    ) {
      clock += 10 + this.getLayer('wide').getWeights()[1].size;
      return predict.call(this, x);
    });
    const journal = memory();
    const args = {
      ...data(),
      millis: 17,
      granularity: 'neuron',
      budget: {epochs: 6},
      journal,
    } as const;
    const {report} = await autoPrune(model, args);
    expect(report.cost.before).toEqual({parameters: 86, macs: 72, millis: 22});
    // A reserve of 5 %: 16 ms, and not 17.
    expect(report.cost.after).toMatchObject({millis: 16});
    stripPruning(model);
    clock += 1e6;
    jest.spyOn(LayersModel.prototype, 'predict').mockImplementation(function (
      this: typeof model,
      x,
    ) {
      clock += 1000;
      return predict.call(this, x);
    });
    const again = await autoPrune(await trained(), args);
    expect(timeless(again.report).trials).toEqual(timeless(report).trials);
  });

  it('takes milliseconds of single weights only where zeros are skipped', async () => {
    const model = await trained();
    const result = autoPrune(model, {...data(), millis: 1e6, budget: {epochs: 3}});
    if (backendName === 'wasm') {
      const {report} = await result;
      expect(report.chosen.sparsity).toBe(0);
      expect(report.cost.after.millis).toBeGreaterThan(0);
      stripPruning(model);
    } else {
      await expect(result).rejects.toThrow("millis: expected granularity 'channel' or 'neuron'");
    }
  });
});

describe('autoPrune, interrupted', () => {
  const whole = {maxDrop: 0.1, budget: {epochs: 12}} as const;

  it.each(['onProgress', 'signal', 'an error in onProgress', 'an error in the metric'])(
    'leaves the model as it was: by %s',
    async (what) => {
      const model = await trained();
      const given = data();
      const before = state(model);
      const controller = new AbortController();
      let told = 0;
      const args: AutoPruneArgs = {
        ...given,
        ...whole,
        signal: controller.signal,
        onProgress: ({phase}) => {
          told += phase === 'training' ? 1 : 0;
          if (told === 2 && what === 'an error in onProgress') {
            throw new Error('enough');
          }
          if (told === 2 && what === 'signal') {
            controller.abort();
          }
          return !(told === 2 && what === 'onProgress');
        },
        metric: () => {
          if (told === 2 && what === 'an error in the metric') {
            throw new Error('enough');
          }
          return 1;
        },
      };
      const expected = what.startsWith('an error') ? {message: 'enough'} : {name: 'AbortError'};
      await expect(autoPrune(model, args)).rejects.toMatchObject(expected);
      expect(state(model)).toEqual(before);
      tf.dispose([given.train.x, given.train.y, given.validation.x, given.validation.y]);
    },
  );

  it('goes on from its journal, to the same end', async () => {
    const [whole1, parts] = [await trained(), await trained()];
    const uninterrupted = (await autoPrune(whole1, {...data(), ...whole})).report;
    const journal = memory();
    let epochs = 0;
    for (;;) {
      let here = 0;
      try {
        const onProgress: AutoPruneArgs['onProgress'] = ({phase}) => {
          epochs += phase === 'training' ? 1 : 0;
          here += phase === 'training' ? 1 : 0;
          return here < 4;
        };
        const {report} = await autoPrune(parts, {...data(), ...whole, journal, onProgress});
        expect(timeless(report)).toEqual(timeless(uninterrupted));
        break;
      } catch (error) {
        if ((error as Error).name !== 'AbortError') {
          throw error;
        }
        expect(epochs).toBeLessThan(50);
      }
    }
    expect(weights(parts)).toEqual(weights(whole1));
    // What was finished was not done again, but for the chosen one, whose weights are no more.
    expect(journal.pages().entries).toHaveLength(uninterrupted.trials.length);
    stripPruning(whole1);
    stripPruning(parts);
  });

  it('does not take a training that diverged for one without a drop', async () => {
    const journal = memory();
    const args = {...data(), maxDrop: 0.2, budget: {epochs: 9}, journal};
    await autoPrune(await trained(), args);
    // JSON has no NaN.
    const pages = journal.pages() as {entries: Array<{outcome: Record<string, unknown>}>};
    const sparsest = Math.max(...pages.entries.map(({outcome}) => outcome.sparsity as number));
    pages.entries
      .filter(({outcome}) => outcome.sparsity === sparsest)
      .forEach(({outcome}) => Object.assign(outcome, {metric: null, drop: null}));
    journal.set(JSON.stringify(pages));
    const again = await autoPrune(await trained(), args);
    expect(again.report.chosen.drop).toBeLessThanOrEqual(0.1);
    expect(again.report.chosen.sparsity).toBeLessThan(sparsest);
  });

  it('refuses the journal of another model, of other arguments, and what is none', async () => {
    const model = await trained();
    const journal = memory();
    const args = {...data(), sparsity: 0.5, budget: {epochs: 3}, journal};
    await autoPrune(model, args);
    stripPruning(model);
    const before = state(model);
    // The model is another one now: it is pruned.
    await expect(autoPrune(model, args)).rejects.toThrow('journal: expected one of this model');
    expect(state(model)).toEqual(before);
    const other = autoPrune(await trained(), {...args, sparsity: 0.6});
    await expect(other).rejects.toThrow('"sparsity":0.6');
    for (const text of ['{', '[]', '{"version": 2}']) {
      journal.set(text);
      await expect(autoPrune(model, args)).rejects.toThrow('journal: expected JSON that autoPrune');
    }
  });
});

describe('autoPrune, the journal of other settings', () => {
  type Given = ReturnType<typeof data> & {model: tfl.Sequential};
  /** A data set in an order that is another each time it is read. */
  const dataset = ({x, y}: {x: tf.Tensor; y: tf.Tensor}) => {
    let turn = 0;
    async function* batches() {
      const halves = [0, 20].map((begin) => ({
        xs: tf.slice(x, [begin, 0], [20, 4]),
        ys: tf.slice(y, [begin, 0], [20, 2]),
      }));
      yield* turn++ % 2 === 0 ? halves : halves.reverse();
    }
    return {size: 2, iterator: async () => batches()} as never;
  };
  const compile = (given: object) => (model: tfl.Sequential) => {
    const loss = 'categoricalCrossentropy';
    model.compile({optimizer: tf.train.adam(0.02), loss, metrics: ['accuracy'], ...given});
  };
  const less = (tensor: tf.Tensor, i: number) =>
    tf.tidy(() => {
      const change = tf.buffer(tensor.shape);
      change.set(0.125, i, 0);
      return tf.sub(tensor, change.toTensor());
    });
  const half = (model: tfl.LayersModel) => model.countParams() / 2;
  const third = (model: tfl.LayersModel) => model.countParams() / 3;
  const asDataset = ({validation}: Given) => ({validation: dataset(validation)});

  it.each<[string, Array<(given: Given) => object | Promise<object>>, string]>([
    ['the loss for the accuracy', [() => ({}), () => ({metric: 'loss'})], 'metric'],
    ['another function', [() => ({metric: half}), () => ({metric: third})], 'metric'],
    [
      'another validation value, the last one',
      [() => ({}), ({validation: {x, y}}) => ({validation: {x: less(x, 39), y}})],
      'validation',
    ],
    [
      'another validation target',
      [() => ({}), ({validation: {x, y}}) => ({validation: {x, y: less(y, 7)}})],
      'validation',
    ],
    [
      'another validation dataset',
      [asDataset, ({validation: {x, y}}) => ({validation: dataset({x: less(x, 3), y})})],
      'validation',
    ],
    [
      'another training value',
      [() => ({}), ({train}) => ({train: {...train, x: less(train.x, 47)}})],
      'train',
    ],
    ['another batch size', [() => ({}), ({train}) => ({train: {...train, batchSize: 9}})], 'train'],
    [
      'another loss',
      [() => ({}), ({model}) => (compile({loss: 'meanSquaredError'})(model), {})],
      'loss',
    ],
    [
      'another optimizer',
      [() => ({}), ({model}) => (compile({optimizer: tf.train.sgd(0.02)})(model), {})],
      'optimizer',
    ],
    [
      'another learning rate',
      [() => ({}), ({model}) => (compile({optimizer: tf.train.adam(0.03)})(model), {})],
      'optimizer',
    ],
    [
      'another measure of accuracy',
      [() => ({}), ({model}) => (compile({metrics: [tfl.metrics.binaryAccuracy]})(model), {})],
      'metric',
    ],
    [
      'a frozen layer',
      [() => ({}), ({model}) => ((model.layers[1].trainable = false), compile({})(model), {})],
      'one of this model',
    ],
    [
      'masks',
      [() => ({}), ({model}) => setMask(model, 'wide/kernel', tf.ones([4, 12])).then(() => ({}))],
      'one of this model',
    ],
  ])('refuses %s', async (_, [first, second], part) => {
    const journal = memory();
    const run = async (change: (given: Given) => object | Promise<object>) => {
      const model = await trained();
      const given = data();
      const args = {...given, sparsity: 0.5, budget: {epochs: 3}, journal};
      await autoPrune(model, {...args, ...(await change({...given, model}))});
    };
    await run(first);
    const text = JSON.stringify(journal.pages());
    await run(first);
    await expect(run(second)).rejects.toThrow(PruningError);
    await expect(run(second)).rejects.toThrow(`journal: expected one`);
    await expect(run(second)).rejects.toThrow(part);
    expect(JSON.stringify(journal.pages())).toBe(text);
  });
});

describe('autoPrune, refusals', () => {
  it.each<[string, object, string]>([
    ['no goal', {maxDrop: undefined}, "expected one of them, but got 'none'"],
    ['two goals', {sparsity: 0.5}, "but got 'maxDrop and sparsity'"],
    ['maxDrop −1', {maxDrop: -1}, 'maxDrop: expected a number of at least 0'],
    ['sparsity 1', {maxDrop: undefined, sparsity: 1}, 'sparsity: expected'],
    ['size 0', {maxDrop: undefined, size: 0}, 'size: expected a number of bytes'],
    ['no train', {train: undefined}, 'train: expected an object of options'],
    ['no epochs', {train: {x: 1, y: 1}}, 'train.epochs: expected an integer of at least 1'],
    ['no x', {train: {epochs: 1}}, 'train.x: expected a tensor'],
    [
      'empty x',
      {train: {epochs: 1, x: {shape: [0, 4], data: 1, dataSync: 1, throwIfDisposed: 1}}},
      'train.x: expected at least one sample',
    ],
    [
      'an empty dataset',
      {train: {epochs: 1, dataset: () => ({size: 0, iterator: () => {}})}},
      'train.dataset: expected at least one batch',
    ],
    [
      'no dataset',
      {train: {epochs: 1, dataset: () => null}},
      'train.dataset: expected a function to a dataset',
    ],
    ['both', {train: {epochs: 1, x: 1, dataset: () => null}}, 'train: expected {x, y} or'],
    ['no validation', {validation: undefined}, 'validation: expected data {x, y}'],
    ['granularity', {granularity: 'block'}, "granularity: expected 'weight'"],
    ['layer', {layers: ['x']}, 'layers: expected'],
    ['budget', {budget: {epochs: 2}}, 'budget.epochs: expected an integer of at least 3'],
    ['minutes', {budget: {minutes: 0}}, 'budget.minutes: expected a number above 0'],
    ['seed', {seed: -1}, 'seed: expected an integer of at least 0'],
    ['journal', {journal: {}}, 'journal: expected an object {read, write}'],
    ['option', {maxdrop: 1}, 'autoPrune: expected options among'],
    ['metric', {metric: 'auc'}, "metric: expected 'accuracy', 'loss'"],
  ])('refuses %s', async (_, given, message) => {
    const model = classifier();
    const before = state(model);
    const {train, validation} = data();
    const promise = autoPrune(model, {train, validation, maxDrop: 0.1, ...given} as AutoPruneArgs);
    await expect(promise).rejects.toBeInstanceOf(PruningError);
    await expect(promise).rejects.toThrow(message);
    tf.dispose([train.x, train.y, validation.x, validation.y]);
    expect(state(model)).toEqual(before);
  });

  it('says that nothing has met the drop, and leaves the model as it was', async () => {
    const model = await trained();
    const before = state(model);
    let calls = 0;
    const args = {
      ...data(),
      maxDrop: 0.1,
      budget: {epochs: 4},
      metric: () => -(calls++ > 8 ? 1 : 0),
    };
    await expect(autoPrune(model, args)).rejects.toThrow('maxDrop: expected a drop that some');
    const {train, validation} = args;
    tf.dispose([train.x, train.y, validation.x, validation.y]);
    expect(state(model)).toEqual(before);
  });

  it('says how small a model can be at least', async () => {
    const args = {...data(), size: 8, granularity: 'neuron' as const};
    await expect(autoPrune(await trained(), args)).rejects.toThrow(/size: expected at least \d+/);
  });
});

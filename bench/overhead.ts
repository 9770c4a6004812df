/**
 * What each callback adds to the time of a batch: `fit` with it against a plain
 * `fit`, in turns of TURN batches in one process, and in another order each time.
 * Ratios are of the process's CPU time, which other work on the machine disturbs
 * less. `ClusterWeights` is not among them: it sorts all weights when a fit begins,
 * which turns as short as these would count several times.
 *
 *     npm run bench:overhead [-- --backend wasm --blocks 5 --models 784-128-10]
 */
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import {layers, sequential} from '@tensorflow/tfjs-layers';
import {Command, Option} from 'commander';
import {
  ChannelPruner,
  ConstantSparsity,
  DynamicSparsity,
  L1Regularizer,
  LayerPruner,
  NeuronPruner,
  PolynomialDecay,
  QuantizeAware,
  SparsityLogger,
  ThresholdPruning,
} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {compile, MODELS as NETS} from '../examples/mnist/models';
import {clock, subtract} from './clock';
import {mlp} from './mlp';
import {atMost, median, printResult, type Bar} from './result';

const BATCH = 128;
/** Batches of a model before it is the next one's turn. */
const TURN = 50;
/** Turns of a block, one ratio each: at a frequency of 100 a block has one update. */
const TURNS = 2;
const BLOCK = TURNS * TURN;
/** Steps between two updates of the masks. */
const FREQUENCIES = [100, 10, 1];
/** The most that pruning by weight may cost, by frequency. */
const LIMITS = {100: 1.05, 10: 1.15, 1: 2};
/** The most that a criterion of the gradients may cost, which looks at every step's. */
const GRADIENT_LIMIT = 1.15;

/** A callback to be measured, and the most that it may cost, if there is such a limit. */
interface Variant {
  label: string;
  limit?: number;
  /** None for a plain fit: with an empty list, tfjs would not yield between batches. */
  make: () => tfl.Callback | undefined;
}

/** A second plain fit: how far its ratio is from 1 is chance. */
const CONTROL: Variant = {label: 'no callback', make: () => undefined};

const options = new Command('npm run bench:overhead --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .option('--models <names...>', 'default: all')
  .option('--blocks <n>', 'ratios to take the median of', Number, 5)
  .parse()
  .opts<{backend?: string; models?: string[]; blocks: number}>();
await startBackend(options.backend);
/** The sparsity rises over all steps, so that every update selects anew. */
const RISING = {
  initialSparsity: 0.5,
  finalSparsity: 0.9,
  beginStep: 0,
  endStep: BLOCK * (options.blocks + 1),
};
const OF_WEIGHTS: readonly Variant[] = [
  ...updating(
    'PolynomialDecay',
    (frequency) => new PolynomialDecay({...RISING, frequency}),
    LIMITS,
  ),
  ...(['gradient', 'taylor', 'movement'] as const).map((criterion) => ({
    label: `PolynomialDecay by ${criterion}, frequency 100`,
    limit: GRADIENT_LIMIT,
    make: () => new PolynomialDecay({...RISING, criterion}),
  })),
  ...updating(
    'ConstantSparsity',
    (frequency) => new ConstantSparsity({targetSparsity: 0.9, beginStep: 0, frequency}),
    LIMITS,
  ),
  ...updating(
    'ThresholdPruning',
    (frequency) => new ThresholdPruning({threshold: {std: 1}, frequency}),
    LIMITS,
  ),
  ...updating(
    'DynamicSparsity by surgery',
    (frequency) => new DynamicSparsity({method: 'surgery', ...RISING, frequency}),
  ),
  ...updating(
    'DynamicSparsity by rigl',
    (frequency) =>
      new DynamicSparsity({
        method: 'rigl',
        sparsity: 0.9,
        endStep: RISING.endStep,
        frequency,
      }),
  ),
  ...updating('NeuronPruner', (frequency) => new NeuronPruner({...RISING, frequency})),
  {label: 'L1Regularizer by penalty', make: () => new L1Regularizer({l1: 1e-5})},
  {
    label: 'L1Regularizer by proximal steps',
    make: () => new L1Regularizer({l1: 1e-3, mode: 'proximal'}),
  },
  {label: 'QuantizeAware', make: () => new QuantizeAware()},
  {label: 'SparsityLogger', make: () => new SparsityLogger({console: () => {}})},
];
const MODELS: Readonly<
  Record<string, {make: () => tfl.LayersModel; variants: readonly Variant[]}>
> = {
  '784-128-10': {make: () => mlp([128]), variants: OF_WEIGHTS},
  '784-300-100-10': {make: () => mlp([300, 100]), variants: OF_WEIGHTS},
  '784-1024-1024-10': {make: () => mlp([1024, 1024]), variants: OF_WEIGHTS},
  'CNN 8-16': {
    make: () => compiled(NETS.cnn(1)),
    variants: updating('ChannelPruner', (frequency) => new ChannelPruner({...RISING, frequency})),
  },
  'normalized MLP': {
    make: () => compiled(normalized()),
    variants: (['follow', 'keep'] as const).map((normalization) => ({
      label: `PolynomialDecay, normalization '${normalization}'`,
      limit: LIMITS[100],
      make: () => new PolynomialDecay({...RISING, normalization}),
    })),
  },
  'residual MLP': {
    make: () => compiled(NETS.residual(1)),
    variants: [{label: 'LayerPruner, frequency 100', make: () => new LayerPruner({count: 6})}],
  },
};

// Schedules that end later than the benchmark warn at each turn's end.
console.warn = () => {};
const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
for (const name of options.models ?? Object.keys(MODELS)) {
  await measureModel(name);
}
printResult('overhead', tf.getBackend(), figures, bars);

/** A callback with an update every 100, 10 and 1 steps. */
function updating(
  name: string,
  make: (frequency: number) => tfl.Callback,
  limits?: Readonly<Record<number, number>>,
): Variant[] {
  return FREQUENCIES.map((frequency) => ({
    label: `${name}, frequency ${frequency}`,
    limit: limits?.[frequency],
    make: () => make(frequency),
  }));
}

/** 784-300-100-10 with a normalization behind each hidden layer. */
function normalized(): tfl.LayersModel {
  const hidden = [300, 100].flatMap((units, i) => [
    layers.dense({units, useBias: false, ...(i === 0 ? {inputShape: [784]} : {})}),
    layers.batchNormalization(),
    layers.reLU(),
  ]);
  return sequential({layers: [...hidden, layers.dense({units: 10, activation: 'softmax'})]});
}

function compiled(model: tfl.LayersModel): tfl.LayersModel {
  compile(model);
  return model;
}

async function measureModel(name: string): Promise<void> {
  const {make, variants} = MODELS[name];
  const measured = [CONTROL, ...variants];
  const runs = [CONTROL, ...measured].map((variant) => ({
    model: make(),
    callback: variant.make(),
    times: [] as number[],
  }));
  const [plain, ...others] = runs;
  const order = [...runs];
  const [, ...inputShape] = plain.model.inputs[0].shape as number[];
  const x = tf.randomNormal([TURN * BATCH, ...inputShape]);
  const y = tf.oneHot(tf.randomUniform([TURN * BATCH], 0, 10, 'int32'), 10);
  for (let turn = 0; turn < (options.blocks + 1) * TURNS; ++turn) {
    const block = Math.floor(turn / TURNS);
    // What a model finds in caches and free memory depends on whose turn was before.
    tf.util.shuffle(order);
    for (const {model, callback, times} of order) {
      const start = clock();
      await model.fit(x, y, {batchSize: BATCH, verbose: 0, callbacks: callback, shuffle: false});
      times[block] = (times[block] ?? 0) + subtract(clock(), start).cpu;
    }
  }
  // The first block warms up.
  runs.forEach(({times}) => times.shift());
  figures[`${name}, plain ms`] = median(plain.times) / BLOCK;
  for (const [i, {label, limit}] of measured.entries()) {
    const ratios = others[i].times.map((time, block) => time / plain.times[block]);
    const key = `${name}, ${label}`;
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
    Object.assign(figures, {
      [key]: median(ratios),
      [`${key}, least`]: least,
      [`${key}, most`]: most,
    });
    if (limit !== undefined) {
      bars[key] = atMost(median(ratios), limit);
    }
    const all = `${least.toFixed(2)} to ${most.toFixed(2)}`;
    console.log(`${key}: ${median(ratios).toFixed(3)} (${all})`);
  }
  tf.dispose([x, y]);
  runs.forEach(({model}) => model.dispose());
}

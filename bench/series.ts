/**
 * Time series: a net of two convolutions with batch normalization (momentum 0.99, as
 * tfjs has it) that tells nine speakers apart, EPOCHS dense, then pruned from those
 * weights in as many epochs. RigL starts from new weights and trains for both.
 * Accuracy on 370 series *as trained*, which rests on the moving statistics, and after
 * `recalibrateNormalization`, also where they lag as in tfjs (`'keep'`); and the sparsity that `autoPrune` reaches where half of
 * these series judge, with what it costs on the others.
 *
 *     npm run bench:series [-- --seeds 3 --backend wasm]
 */
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {
  autoPrune,
  DynamicSparsity,
  type NormalizationMode,
  PolynomialDecay,
  recalibrateNormalization,
  sparsityReport,
  stripPruning,
} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {atLeast, type Bar, printResult, shown, spread, spreadFigures} from './result';
import {batches, half, loadVowels, type Series, vowelNet} from './vowels';

const BATCH = 16;
const EPOCHS = 40;
const SPARSITIES = [0.9, 0.95];
const LEARNING_RATE = 1e-3;
/** What as trained may be worse than measured anew, in points. */
const LAGS = 1;
const MAX_DROP = 0.05;
/** The least sparsity that `autoPrune` must find with that drop. */
const LEAST_FOUND = 0.93;
const BUDGET = {longest: 30, epochs: 240};

const {backend, seeds, from} = new Command('npm run bench:series --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .option('--from <n>', 'first seed', Number, 1)
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .parse()
  .opts<{backend?: string; seeds: number; from: number}>();
await startBackend(backend);
const {train, test} = loadVowels();
const [judges, others] = [half(test, 0), half(test, 1)];

const endStep = Math.round(0.7 * EPOCHS * Math.ceil(train.count / BATCH));
const gradual =
  (scope: 'layer' | 'global', normalization: NormalizationMode = 'follow') =>
  (finalSparsity: number) =>
    new PolynomialDecay({
      scope,
      normalization,
      initialSparsity: 0,
      finalSparsity,
      beginStep: 0,
      endStep,
    });
const WAYS = {
  'by layer': gradual('layer'),
  global: gradual('global'),
  "global, 'keep'": gradual('global', 'keep'),
  rigl: (sparsity: number, seed: number) =>
    new DynamicSparsity({method: 'rigl', scope: 'erk', sparsity, endStep: 2 * endStep, seed}),
} as const;

/** Values by row, one a seed. */
const rows: Record<string, number[]> = {};
const add = (row: string, value: number) => (rows[row] ??= []).push(value);
for (let seed = from; seed < from + seeds; ++seed) {
  const model = vowelNet(seed);
  const initial = clones(model);
  await fit(model, EPOCHS, seed);
  await recalibrate(model);
  const dense = clones(model);
  add('dense', await accuracy(model, test));
  for (const [name, make] of Object.entries(WAYS)) {
    for (const sparsity of SPARSITIES) {
      const isNew = name === 'rigl';
      model.setWeights(isNew ? initial : dense);
      await fit(model, isNew ? 2 * EPOCHS : EPOCHS, 100 + seed, make(sparsity, seed));
      stripPruning(model);
      const row = `${name}, ${100 * sparsity} %`;
      add(`${row}, as trained`, await accuracy(model, test));
      await recalibrate(model);
      add(`${row}, recalibrated`, await accuracy(model, test));
      const reached = (await sparsityReport(model)).sparsity;
      if (Math.abs(reached - sparsity) > 2e-3) {
        throw new Error(`A sparsity of ${sparsity} was wanted, and ${reached} came out.`);
      }
    }
  }
  model.setWeights(dense);
  compile(model);
  const before = await accuracy(model, others);
  const {report} = await autoPrune(model, {
    train: {dataset: () => batches(train, BATCH, 200 + seed), epochs: BUDGET.longest},
    validation: {x: judges.x, y: judges.y},
    maxDrop: MAX_DROP,
    budget: {epochs: BUDGET.epochs},
    seed,
  });
  stripPruning(model);
  add('autoPrune, sparsity', 100 * report.chosen.sparsity);
  add('autoPrune, drop on others', before - (await accuracy(model, others)));
  tf.dispose([initial, dense]);
  model.dispose();
  const latest = Object.entries(rows).map(([row, values]) => `${row} ${values.at(-1)!.toFixed(1)}`);
  console.log(`seed ${seed}: ${latest.join('; ')}`);
}

const table = new Table({head: ['%', ''], style: {head: [], border: []}});
const figures: Record<string, number> = {};
for (const [row, values] of Object.entries(rows)) {
  const all = spread(values);
  table.push([row, shown(all)]);
  Object.assign(figures, spreadFigures(row, all));
}
const bars: Record<string, Bar> = {};
for (const name of ['by layer', 'global', 'rigl']) {
  for (const sparsity of SPARSITIES) {
    const row = `${name}, ${100 * sparsity} %`;
    const limit = figures[`${row}, recalibrated`] - LAGS;
    bars[`${row}, of recalibrated`] = atLeast(figures[`${row}, as trained`], limit);
  }
}
bars['autoPrune, sparsity'] = atLeast(figures['autoPrune, sparsity'], 100 * LEAST_FOUND);
console.log(`${table}`);
printResult('series', tf.getBackend(), figures, bars);

function compile(model: tfl.LayersModel): void {
  model.compile({
    optimizer: tf.train.adam(LEARNING_RATE),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
}

/** Trains with a new optimizer, whose steps count from 0. */
async function fit(
  model: tfl.LayersModel,
  epochs: number,
  seed: number,
  ...callbacks: tfl.Callback[]
): Promise<void> {
  compile(model);
  await model.fitDataset(batches(train, BATCH, seed), {epochs, verbose: 0, callbacks});
}

async function recalibrate(model: tfl.LayersModel): Promise<void> {
  await recalibrateNormalization(model, {x: train.x, batchSize: 128});
}

/** In %. */
async function accuracy(model: tfl.LayersModel, {x, y}: Series): Promise<number> {
  const all = model.evaluate(x, y, {batchSize: 128}) as tf.Scalar[];
  const [value] = await all[1].data();
  tf.dispose(all);
  return 100 * value;
}

/** Copies of the weights, which the caller owns. */
function clones(model: tfl.LayersModel): tf.Tensor[] {
  return model.getWeights().map((weight) => tf.clone(weight));
}

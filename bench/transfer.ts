/**
 * Transfer learning: a published MobileNetV2 (of nsfwjs, cut at `block_12_add`), all of
 * it fine-tuned on some 1,400 emoji of 64x64 in nine classes, then pruned from those
 * weights in EPOCHS more: 80 and 90 % of all weights together, and half of the channels.
 * Accuracy on other emoji *as trained*, which rests on the moving statistics of batch
 * normalization (momentum 0.999, as published), and after `recalibrateNormalization`;
 * of the channels also after `shrink` and `foldNormalization`.
 *
 *     npm run bench:transfer [-- --seeds 1]
 */
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {
  ChannelPruner,
  foldNormalization,
  PolynomialDecay,
  recalibrateNormalization,
  shrink,
  stripPruning,
} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {transferModel} from '../examples/transfer/base';
import {batches, loadPictures} from '../examples/transfer/pictures';
import {Remembered} from './remembered';
import {atLeast, type Bar, printResult, shown, spread, spreadFigures} from './result';
import {TrainedOnce} from './trained_once';

const BATCH = 32;
const DENSE_EPOCHS = 4;
const EPOCHS = 3;
const FREQUENCY = 5;
const LEARNING_RATE = 5e-4;

const {backend, seeds} = new Command('npm run bench:transfer --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .parse()
  .opts<{backend?: string; seeds: number}>();
await startBackend(backend);
const {train, test, classes} = loadPictures();
console.log(`${train.count} pictures to train, ${test.count} to test`);

const endStep = Math.round(0.7 * EPOCHS * Math.ceil(train.count / BATCH));
const when = {beginStep: 0, endStep, frequency: FREQUENCY};
const pruned = (finalSparsity: number) =>
  new PolynomialDecay({initialSparsity: 0.3, finalSparsity, scope: 'global', ...when});
/** By name; what it may lose against the dense model, in points. */
const WAYS = {
  '80 % of all weights': {pruner: () => pruned(0.8), loses: 2},
  '90 % of all weights': {pruner: () => pruned(0.9), loses: 6},
  'half of the channels': {
    pruner: () => new ChannelPruner({initialSparsity: 0, finalSparsity: 0.5, ...when}),
    loses: 8,
  },
} as const;
/** What as trained may be worse than measured anew, in points. */
const LAGS = 2;

/** Accuracies in % by what was measured of a way; of a seed, remembered. */
const remembered = new Remembered<Record<string, number>>('transfer');
/** Accuracies by row, one a seed. */
const rows: Record<string, number[]> = {};
for (let seed = 1; seed <= seeds; ++seed) {
  const dense = new TrainedOnce(() => trained(seed));
  const add = async (way: string, run: () => Promise<Record<string, number>>) => {
    const measured = await remembered.of(`${way}, ${tf.getBackend()}, seed ${seed}`, run);
    for (const [what, value] of Object.entries(measured)) {
      (rows[[way, what].filter(Boolean).join(', ')] ??= []).push(value);
    }
  };
  await add('dense', async () => ({'': await accuracy(await dense.model())}));
  for (const [name, {pruner}] of Object.entries(WAYS)) {
    await add(name, async () => {
      const model = await dense.model();
      await fit(model, EPOCHS, 100 + seed, pruner());
      const measured: Record<string, number> = {'as trained': await accuracy(model)};
      if (name.includes('channels')) {
        const small = foldNormalization(await shrink(model));
        small.compile({optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
        measured['shrunk and folded'] = await accuracy(small);
        small.dispose();
      }
      await recalibrate(model);
      measured.recalibrated = await accuracy(model);
      stripPruning(model);
      return measured;
    });
  }
  dense.dispose();
}

const table = new Table({head: ['accuracy %', ''], style: {head: [], border: []}});
const figures: Record<string, number> = {};
for (const [row, values] of Object.entries(rows)) {
  const all = spread(values);
  table.push([row, shown(all)]);
  Object.assign(figures, spreadFigures(row, all));
}
const bars: Record<string, Bar> = {};
for (const [name, {loses}] of Object.entries(WAYS)) {
  const asTrained = figures[`${name}, as trained`];
  bars[`${name}, of dense`] = atLeast(asTrained, figures.dense - loses);
  bars[`${name}, of recalibrated`] = atLeast(asTrained, figures[`${name}, recalibrated`] - LAGS);
}
console.log(`${table}`);
printResult('transfer', tf.getBackend(), figures, bars);

/** The published model, fine-tuned. */
async function trained(seed: number): Promise<LayersModel> {
  const model = await transferModel(classes.length, seed);
  for (const layer of model.layers) {
    layer.trainable = true;
  }
  await fit(model, DENSE_EPOCHS, seed);
  // As trained, a momentum of 0.999 still tells of the pictures that it was made for.
  await recalibrate(model);
  return model;
}

/** Trains with a new optimizer, whose steps count from 0. */
async function fit(
  model: LayersModel,
  epochs: number,
  seed: number,
  ...callbacks: never[] | [ChannelPruner | PolynomialDecay]
) {
  model.compile({
    optimizer: tf.train.adam(LEARNING_RATE),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
  await model.fitDataset(batches(train, BATCH, seed), {epochs, verbose: 0, callbacks});
}

async function recalibrate(model: LayersModel): Promise<void> {
  await recalibrateNormalization(model, {x: train.x, batchSize: 128});
}

/** In %, on the pictures to test with. */
async function accuracy(model: LayersModel): Promise<number> {
  const all = model.evaluate(test.x, test.y, {batchSize: 128}) as tf.Scalar[];
  const [value] = await all[1].data();
  tf.dispose(all);
  return 100 * value;
}

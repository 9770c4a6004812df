/**
 * Transfer learning, from a published model to a small file: cuts a MobileNetV2, trains a
 * new head on some 1,400 emoji with the rest frozen, fine-tunes all of it, prunes it,
 * folds its normalizations, and saves it in one packed file. Prints what each step gives.
 *
 *     npm run example:transfer [-- --backend wasm --tune 3 --prune 4]
 */
import {statSync} from 'node:fs';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {foldNormalization, PolynomialDecay, sparsityReport, stripPruning} from 'tfjs-prune';
import {compressed} from 'tfjs-prune/io';

import {startBackend} from '../mnist/backend';
import {transferModel} from './base';
import {batches, loadPictures} from './pictures';

const BATCH = 32;
const options = new Command('npm run example:transfer --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .option('--head <epochs>', 'epochs of training only the new layer', Number, 3)
  .option('--tune <epochs>', 'epochs of training the whole model', Number, 2)
  .option('--prune <epochs>', 'epochs of pruning the whole model', Number, 3)
  .option('--sparsity <share>', 'share of the weights to prune', Number, 0.8)
  .option('--out <folder>', 'folder for the model', join('out', 'transfer'))
  .parse()
  .opts<{
    backend?: string;
    head: number;
    tune: number;
    prune: number;
    sparsity: number;
    out: string;
  }>();
console.log(`Backend: ${await startBackend(options.backend)}`);
const {train, test, classes} = loadPictures();
console.log(`Emoji: ${train.count} to train, ${test.count} to test, ${classes.length} classes`);

const table = new Table({
  head: ['step', 'accuracy %', 'zeros %', 'kB', 's'],
  style: {head: [], border: []},
});
let start = Date.now();

// Cut, and freeze what was there: only the new layer learns.
const model = await transferModel(classes.length, 1);
const setTrainable = (trainable: boolean) =>
  model.layers.slice(0, -1).forEach((layer) => (layer.trainable = trainable));
setTrainable(false);
await fit(options.head, 1e-3);
await report('new head on a frozen base', model);

// Fine-tune: what is to be pruned has to train.
setTrainable(true);
await fit(options.tune, 5e-4);
await report('fine-tuned', model);

// Compiled again in `fit`, so that the steps of the schedule count from 0.
const steps = options.prune * Math.ceil(train.count / BATCH);
const pruner = new PolynomialDecay({
  initialSparsity: 0.3,
  finalSparsity: options.sparsity,
  scope: 'global',
  beginStep: 0,
  endStep: Math.round(0.7 * steps),
  frequency: 5,
});
await fit(options.prune, 5e-4, pruner);
stripPruning(model);
await report('pruned', model);

const folded = foldNormalization(model);
await report('folded', folded);

// Round and ship.
const file = join(options.out, 'emoji.tfpack');
const packed = {format: 'packed', quantize: 'uint8'} as const;
const target = compressed(file, packed);
await folded.save(target);
await report('packed in uint8', await loadLayersModel(compressed(file, packed)), file);
console.log(`${table}`);

/** Trains with a new optimizer, whose steps count from 0. */
async function fit(epochs: number, learningRate: number, ...callbacks: PolynomialDecay[]) {
  compile(model, learningRate);
  await model.fitDataset(batches(train, BATCH, 1), {
    epochs,
    verbose: 0,
    callbacks: callbacks,
  });
}

function compile(some: LayersModel, learningRate: number): void {
  some.compile({
    optimizer: tf.train.adam(learningRate),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
}

/** Adds a row: how good `some` is on emoji that it has not seen, and the bytes of its file. */
async function report(step: string, some: LayersModel, path?: string): Promise<void> {
  const seconds = (Date.now() - start) / 1000;
  if (some !== model) {
    compile(some, 1e-3);
  }
  const all = some.evaluate(test.x, test.y, {batchSize: 128}) as tf.Scalar[];
  const [accuracy] = await all[1].data();
  tf.dispose(all);
  const {sparsity} = await sparsityReport(some);
  const bytes = path === undefined ? 4 * some.countParams() : statSync(path).size;
  const cells = [100 * accuracy, 100 * sparsity, bytes / 1000, seconds];
  table.push([step, ...cells.map((cell) => cell.toFixed(1))]);
  console.log(step, ...cells.map((cell) => cell.toFixed(1)));
  start = Date.now();
}

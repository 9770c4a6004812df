/**
 * Accuracy of LeNet-300-100 on MNIST, pruned at once by global magnitude and
 * fine-tuned for 2 epochs, after 5 epochs of dense training; the mean over seeds.
 *
 *     npm run bench:accuracy [-- --backend wasm --seeds 8]
 */
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {pruneNow, sparsityReport, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches, loadDigits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {atLeast, printResult} from './result';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const FINE_TUNE_EPOCHS = 2;
/** Sparsity → the accuracy in % that torch.nn.utils.prune reaches in the same setting. */
const TORCH = {0.8: 98.1, 0.9: 97.9, 0.95: 96.95, 0.98: 94.96} as const;

const options = new Command('npm run bench:accuracy --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .option('--seeds <n>', 'runs to take the mean of', Number, 8)
  .parse()
  .opts<{backend?: string; seeds: number}>();
await startBackend(options.backend);

const train = loadDigits('train', 60000);
const test = loadDigits('t10k', 10000);
const columns = ['dense', ...Object.keys(TORCH)];
const rows: number[][] = [];
for (let seed = 1; seed <= options.seeds; ++seed) {
  const model = MODELS.mlp(seed);
  const fit = async (epochs: number) => {
    compile(model);
    await model.fitDataset(batches(train, BATCH, seed), {epochs, verbose: 0});
    return 100 * (await accuracy(model, test));
  };
  const row = [await fit(DENSE_EPOCHS)];
  const dense = model.getWeights().map((weight) => tf.clone(weight));
  for (const sparsity of Object.keys(TORCH).map(Number)) {
    model.setWeights(dense);
    compile(model);
    await pruneNow(model, {sparsity, scope: 'global'});
    await model.fitDataset(batches(train, BATCH, 100 + seed), {
      epochs: FINE_TUNE_EPOCHS,
      verbose: 0,
    });
    stripPruning(model);
    row.push(100 * (await accuracy(model, test)));
    const reached = (await sparsityReport(model)).sparsity;
    if (Math.abs(reached - sparsity) > 1e-5) {
      throw new Error(`A sparsity of ${sparsity} was wanted, and ${reached} came out.`);
    }
  }
  tf.dispose(dense);
  rows.push(row);
  console.log(`Seed ${seed}: ${row.map((value) => value.toFixed(2)).join(', ')}`);
}

const means = columns.map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
const table = new Table({head: ['accuracy %', ...columns], style: {head: [], border: []}});
table.push(
  ['global magnitude', ...means.map((value) => value.toFixed(2))],
  ['torch, global l1', '97.56', ...Object.values(TORCH).map((value) => value.toFixed(2))],
);
console.log(`${table}`);
printResult(
  'accuracy',
  tf.getBackend(),
  Object.fromEntries(columns.map((column, i) => [column, means[i]])),
  Object.fromEntries(
    Object.entries(TORCH).map(([sparsity, least], i) => [sparsity, atLeast(means[i + 1], least)]),
  ),
);

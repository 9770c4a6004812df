/**
 * Zeros and accuracy of LeNet-300-100 on MNIST by proximal L1: 5 dense epochs, 4
 * with `L1Regularizer`, 4 with the zeros held. Beside it the dense model, and
 * one trained for as many epochs in all without L1. Every seed is reported.
 *
 *     npm run bench:l1 [-- --backend wasm --seeds 3 --l1 0.35]
 */
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {ConstantSparsity, L1Regularizer, sparsityReport, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {atLeast, atMost, printResult} from './result';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const L1_EPOCHS = 4;
const HELD_EPOCHS = 4;

const options = new Command('npm run bench:l1 --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption)
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .option('--l1 <strength>', 'strength of the regularizer', Number, 0.35)
  .parse()
  .opts<{backend?: string; images: number; seeds: number; l1: number}>();
await startBackend(options.backend);

const {train, test} = loadData('mnist', options.images);
const columns = ['dense', 'dense, as many epochs', 'after L1', 'zeros held', 'zeros'];
const rows: number[][] = [];
for (let seed = 1; seed <= options.seeds; ++seed) {
  const model = MODELS.mlp(seed);
  const fit = async (epochs: number, part: number, callback?: L1Regularizer | ConstantSparsity) => {
    compile(model);
    await model.fitDataset(batches(train, BATCH, 100 * part + seed), {
      epochs,
      verbose: 0,
      callbacks: callback ? [callback] : [],
    });
    return 100 * (await accuracy(model, test));
  };
  const denseAccuracy = await fit(DENSE_EPOCHS, 0);
  const dense = model.getWeights().map((weight) => tf.clone(weight));
  const control = await fit(L1_EPOCHS + HELD_EPOCHS, 1);
  model.setWeights(dense);
  tf.dispose(dense);
  const regularized = await fit(
    L1_EPOCHS,
    1,
    new L1Regularizer({l1: options.l1, mode: 'proximal'}),
  );
  const held = new ConstantSparsity({targetSparsity: 0, beginStep: 0, resume: true});
  const final = await fit(HELD_EPOCHS, 2, held);
  stripPruning(model);
  const zeros = 100 * (await sparsityReport(model)).sparsity;
  rows.push([denseAccuracy, control, regularized, final, zeros]);
}

const means = columns.map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
const table = new Table({head: ['%', ...columns], style: {head: [], border: []}});
[...rows, means].forEach((row, i) => {
  const name = i < rows.length ? `seed ${i + 1}` : 'mean';
  table.push([name, ...row.map((value) => value.toFixed(2))]);
});
console.log(`${table}`);
const [dense, control, , held, zeros] = means;
printResult(
  'l1',
  tf.getBackend(),
  Object.fromEntries(columns.map((column, i) => [column, means[i]])),
  {
    'zeros %': atLeast(zeros, 90),
    'points lost against dense': atMost(dense - held, 0.3),
    'points lost against as many epochs': atMost(control - held, 0.3),
  },
);

/**
 * Accuracy of LeNet-300-100, pruned at once by global magnitude and fine-tuned for
 * 2 epochs, after 5 epochs of dense training, here and, from the same dense weights,
 * by torch.nn.utils.prune: mean, least and most over seeds. torch is left out where
 * `npm run bench:peers -- --torch` did not install it.
 *
 *     npm run bench:accuracy [-- --data fashion --backend wasm --seeds 8]
 */
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {pruneNow, sparsityReport, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {dataOption, imagesOption, loadData, resultName, type DataName} from './data';
import {type DenseModel, denseModel, restore} from './dense_model';
import {Peer} from './peers/peer';
import {prunedByPeer} from './peers/pruned_by_peer';
import {atLeast, printResult, shown, spread} from './result';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const FINE_TUNE_EPOCHS = 2;
const SPARSITIES = [0.8, 0.9, 0.95, 0.98];
const COLUMNS = ['dense', ...SPARSITIES.map((sparsity) => `${100 * sparsity} %`)];

const options = new Command('npm run bench:accuracy --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(dataOption)
  .addOption(imagesOption)
  .option('--seeds <n>', 'runs to take the mean of', Number, 8)
  .parse()
  .opts<{backend?: string; data: DataName; images: number; seeds: number}>();
await startBackend(options.backend);
const torch = await Peer.start('pytorch');

const {train, test, folder} = loadData(options.data, options.images);
/** Accuracies in %, by library, seed and column. */
const rows: Record<string, number[][]> = {'tfjs-prune': [], ...(torch ? {torch: []} : {})};
for (let seed = 1; seed <= options.seeds; ++seed) {
  const model = MODELS.mlp(seed);
  compile(model);
  await model.fitDataset(batches(train, BATCH, seed), {epochs: DENSE_EPOCHS, verbose: 0});
  const dense = await denseModel(model, test);
  rows['tfjs-prune'].push([dense.accuracy, ...(await ours(model, dense, seed))]);
  if (torch) {
    rows.torch.push([dense.accuracy, ...(await theirs(torch, dense, seed))]);
  }
  tf.dispose(dense.weights);
  model.dispose();
  for (const [library, all] of Object.entries(rows)) {
    const row = all[seed - 1].map((value) => value.toFixed(2)).join(', ');
    console.log(`Seed ${seed}, ${library}: ${row}`);
  }
}
torch?.stop();

const figures: Record<string, number> = {};
const table = new Table({head: ['accuracy %', ...COLUMNS], style: {head: [], border: []}});
const means: Record<string, number[]> = {};
for (const [library, all] of Object.entries(rows)) {
  const spreads = COLUMNS.map((_, i) => spread(all.map((row) => row[i])));
  for (const [i, {mean, least, most}] of spreads.entries()) {
    const key = `${library}, ${COLUMNS[i]}`;
    Object.assign(figures, {[key]: mean, [`${key}, least`]: least, [`${key}, most`]: most});
  }
  means[library] = spreads.map(({mean}) => mean);
  table.push([library, ...spreads.map(shown)]);
}
if (!torch) {
  table.push(['torch', ...COLUMNS.map(() => 'not run')]);
}
console.log(`${table}`);
const bars = torch
  ? COLUMNS.slice(1).map((column, i) => [
      column,
      atLeast(means['tfjs-prune'][i + 1], means.torch[i + 1]),
    ])
  : [];
printResult(
  resultName('accuracy', options.data),
  tf.getBackend(),
  figures,
  Object.fromEntries(bars),
  torch?.versions,
);

/** Accuracies in % of a model that had these weights, by sparsity. */
async function ours(model: LayersModel, dense: DenseModel, seed: number): Promise<number[]> {
  const row: number[] = [];
  for (const sparsity of SPARSITIES) {
    restore(model, dense);
    compile(model);
    await pruneNow(model, {sparsity, scope: 'global'});
    const order = batches(train, BATCH, 100 + seed);
    await model.fitDataset(order, {epochs: FINE_TUNE_EPOCHS, verbose: 0});
    stripPruning(model);
    row.push(100 * (await accuracy(model, test)));
    const reached = (await sparsityReport(model)).sparsity;
    if (Math.abs(reached - sparsity) > 1e-5) {
      throw new Error(`A sparsity of ${sparsity} was wanted, and ${reached} came out.`);
    }
  }
  return row;
}

function theirs(server: Peer, dense: DenseModel, seed: number): Promise<number[]> {
  const data = {folder, count: train.count};
  return prunedByPeer(server, dense, data, {
    op: 'unstructured',
    seed,
    batch_size: BATCH,
    epochs: FINE_TUNE_EPOCHS,
    amounts: SPARSITIES,
  });
}

/**
 * One model, step after step: weights, channels, bits, and a teacher. docs/story.md tells it.
 *
 *     npm run example:story [-- --backend wasm --images 20000]
 */
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command} from 'commander';
import {
  ChannelPruner,
  ConstantSparsity,
  countMacs,
  distill,
  NeuronPruner,
  PolynomialDecay,
  QuantizeAware,
  shrink,
  sparsityReport,
  stripPruning,
} from 'tfjs-prune';
import {compressed, type Quantize} from 'tfjs-prune/io';

import {startBackend} from './backend';
import {batches, loadDigits} from './data';
import {accuracy, parameters} from './measure';
import {compile, MODELS} from './models';

const BATCH = 128;
const SEED = 1;

const options = new Command('npm run example:story --')
  .option('--backend <name>', 'tensorflow or wasm; default: the fastest that is installed')
  .option('--images <n>', 'number of training images', Number, 20000)
  .parse()
  .opts<{backend?: string; images: number}>();

await startBackend(options.backend);
const train = loadDigits('train', options.images);
const test = loadDigits('t10k', 10000);
const epoch = Math.ceil(train.count / BATCH);
const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
process.on('exit', () => rmSync(folder, {recursive: true}));

const table = new Table({
  head: ['Step', 'Accuracy', 'Parameters', 'Zeros', 'MACs', 'Packed'],
  style: {head: [], border: []},
});

/** A row: what the model is once it is packed. */
async function tell(step: string, model: LayersModel, quantize: Quantize): Promise<void> {
  const file = join(folder, 'model.tfpack');
  await model.save(compressed(file, {format: 'packed', quantize}));
  const {sparsity} = await sparsityReport(model);
  const row = [
    step,
    `${(100 * (await accuracy(model, test))).toFixed(2)} %`,
    String(parameters(model)),
    `${(100 * sparsity).toFixed(1)} %`,
    String(countMacs(model).macs),
    `${(statSync(file).size / 1000).toFixed(1)} kB`,
  ];
  table.push(row);
  console.log(row.join(', '));
}

const model = MODELS.lenet5(SEED);
compile(model);
await model.fitDataset(batches(train, BATCH, 1), {epochs: 4, verbose: 0});
await tell('dense', model, 'float16');

// The teacher is the model as it was.
const teacher = MODELS.lenet5(SEED);
teacher.setWeights(model.getWeights());

compile(model);
const rise = {initialSparsity: 0.5, beginStep: 0, endStep: 2 * epoch};
await model.fitDataset(batches(train, BATCH, 2), {
  epochs: 3,
  verbose: 0,
  callbacks: [new PolynomialDecay({...rise, finalSparsity: 0.9, scope: 'global'})],
});
await tell('90 % of the weights', stripPruning(model), 'float16');

compile(model);
const hold = {targetSparsity: 0, beginStep: 0, resume: true} as const;
const half = {initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 2 * epoch};
await model.fitDataset(batches(train, BATCH, 3), {
  epochs: 3,
  verbose: 0,
  callbacks: [new ConstantSparsity(hold), new ChannelPruner(half), new NeuronPruner(half)],
});
const small = await shrink(stripPruning(model));
await tell('half of the channels', small, 'float16');

const bits = {dtype: 4} as const;
compile(small);
await small.fitDataset(batches(train, BATCH, 4), {
  epochs: 2,
  verbose: 0,
  callbacks: [new ConstantSparsity(hold), new QuantizeAware(bits)],
});
await tell('4 bits', stripPruning(small), {'*bias': 'float16'});

const lesson = distill({teacher, temperature: 4, alpha: 0.5});
small.compile({optimizer: 'adam', loss: lesson.loss, metrics: lesson.metrics});
const taught = lesson.dataset(batches(train, BATCH, 5));
await small.fitDataset(taught, {
  epochs: 2,
  verbose: 0,
  callbacks: [new ConstantSparsity(hold), new QuantizeAware(bits)],
});
lesson.dispose();
compile(small);
await tell('taught by the dense model', stripPruning(small), {'*bias': 'float16'});

console.log(table.toString());
tf.disposeVariables();

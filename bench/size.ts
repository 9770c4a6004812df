/**
 * Bytes to download of LeNet-300-100, trained for 5 epochs, then pruned in 4 more,
 * in each way to store it, with the accuracy of what is loaded back.
 *
 *     npm run bench:size [-- --data fashion --backend wasm --seed 1]
 */
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';

import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel, type LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {PolynomialDecay, stripPruning} from 'tfjs-prune';
import {compressed, type CompressedArgs} from 'tfjs-prune/io';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {dataOption, imagesOption, loadData, resultName, type DataName} from './data';
import {atMost, printResult, type Bar} from './result';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const PRUNE_EPOCHS = 4;
const SPARSITIES = [0.9, 0.95];
/** A download of at most this share of the dense weights, at 95 %, for so many points. */
const MOST_OF_RAW = 1 / 50;
const MOST_LOSS = 0.2;
const MOST_OF_GZIP = 0.6;

/** Ways to store a model: options of `compressed`, and whether a server gzips the files. */
const WAYS: Readonly<Record<string, {args: CompressedArgs; gzip: boolean}>> = {
  float32: {args: {quantize: {}}, gzip: false},
  'float32, gzip': {args: {quantize: {}}, gzip: true},
  'float16, gzip': {args: {}, gzip: true},
  'uint8, gzip': {args: {quantize: 'uint8'}, gzip: true},
  packed: {args: {format: 'packed'}, gzip: false},
  'packed, float16': {args: {format: 'packed', quantize: 'float16'}, gzip: false},
  'packed, uint8': {args: {format: 'packed', quantize: 'uint8'}, gzip: false},
  'packed, 32 shared values': {args: {format: 'packed', quantize: {clusters: 32}}, gzip: false},
  'packed, 16 shared values': {args: {format: 'packed', quantize: {clusters: 16}}, gzip: false},
};

const options = new Command('npm run bench:size --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(dataOption)
  .addOption(imagesOption)
  .option('--seed <n>', 'seed of the initial weights and of shuffling', Number, 1)
  .parse()
  .opts<{backend?: string; data: DataName; images: number; seed: number}>();
await startBackend(options.backend);

const {train, test} = loadData(options.data, options.images);
const stepsPerEpoch = Math.ceil(train.count / BATCH);
const model = MODELS.mlp(options.seed);
compile(model);
await model.fitDataset(batches(train, BATCH, options.seed), {epochs: DENSE_EPOCHS, verbose: 0});
const dense = model.getWeights().map((weight) => tf.clone(weight));

const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const columns: Array<Record<string, {bytes: number; correct: number}>> = [await measure(model)];
for (const sparsity of SPARSITIES) {
  model.setWeights(dense);
  compile(model);
  const pruner = new PolynomialDecay({
    initialSparsity: 0.5,
    finalSparsity: sparsity,
    beginStep: 0,
    endStep: (PRUNE_EPOCHS - 1) * stepsPerEpoch,
    scope: 'global',
  });
  await model.fitDataset(batches(train, BATCH, 100 + options.seed), {
    epochs: PRUNE_EPOCHS,
    verbose: 0,
    callbacks: [pruner],
  });
  columns.push(await measure(stripPruning(model)));
}

const heads = ['Dense', ...SPARSITIES.map((sparsity) => `${100 * sparsity} % zeros`)];
const table = new Table({head: ['Bytes, accuracy', ...heads], style: {head: [], border: []}});
for (const way of Object.keys(WAYS)) {
  const cells = columns.map((column, i) => {
    const {bytes, correct} = column[way];
    figures[`${heads[i]}: ${way}`] = bytes;
    figures[`${heads[i]}: ${way}, accuracy`] = correct;
    return `${bytes} ${correct.toFixed(2)} %`;
  });
  table.push([way, ...cells]);
}
console.log(`${table}`);

const denseAccuracy = columns[0]['float32'].correct;
const raw = 4 * dense.reduce((sum, {size}) => sum + size, 0);
for (const [i, column] of columns.entries()) {
  if (i > 0) {
    const {bytes} = column['packed'];
    bars[`${heads[i]}: packed / gzip`] = atMost(
      bytes / column['float32, gzip'].bytes,
      MOST_OF_GZIP,
    );
  }
}
const {bytes, correct} = columns[columns.length - 1]['packed, 16 shared values'];
bars['95 % zeros: shared values / raw'] = atMost(bytes / raw, MOST_OF_RAW);
bars['95 % zeros: shared values, points lost'] = atMost(denseAccuracy - correct, MOST_LOSS);
printResult(resultName('size', options.data), tf.getBackend(), figures, bars);

/** Bytes and accuracy in % of `net` in each way. */
async function measure(net: LayersModel) {
  const measured: Record<string, {bytes: number; correct: number}> = {};
  for (const [way, {args, gzip}] of Object.entries(WAYS)) {
    const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
    try {
      const path = args.format === 'packed' ? join(folder, 'model.tfpack') : folder;
      await net.save(compressed(path, args));
      const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
      const sizes = files.map((file) => (gzip ? gzipSync(file, {level: 9}) : file).length);
      const copy = await loadLayersModel(compressed(path, args));
      compile(copy);
      const correct = 100 * (await accuracy(copy, test));
      measured[way] = {bytes: sizes.reduce((sum, size) => sum + size, 0), correct};
      copy.dispose();
    } finally {
      rmSync(folder, {recursive: true});
    }
  }
  return measured;
}

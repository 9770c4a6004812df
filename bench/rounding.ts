/**
 * What files of few bits cost models with normalization, trained, pruned and folded, on
 * MNIST: accuracy and bytes where all weights are rounded, and where those that are
 * sensitive are spared, as by default; the mean over seeds.
 *
 *     npm run bench:rounding [-- --models resnet mobilenet --images 6000 --backend wasm]
 */
import {gzipSync} from 'node:zlib';

import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel, type LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {
  foldNormalization,
  PolynomialDecay,
  recalibrateNormalization,
  stripPruning,
} from 'tfjs-prune';
import {compressed, type CompressedArgs} from 'tfjs-prune/io';

import {startBackend} from '../examples/mnist/backend';
import {batches, loadDigits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {atMost, printResult, spread, type Bar} from './result';

const BATCH = 64;
/** Points of accuracy and share of the file that the default may cost. */
const MOST_LOST = 1.5;
const MOST_GROWN = 0.03;

/** How files are rounded; those of all weights are what the default is held against. */
const WAYS: Readonly<Record<string, CompressedArgs['quantize']>> = {
  float32: {},
  'uint8, all': {'*': 'uint8'},
  uint8: 'uint8',
  '16 values, all': {'*': {clusters: 16}},
  '16 values': {clusters: 16},
};

type Name = 'resnet' | 'mobilenet';

const options = new Command('npm run bench:rounding --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption.default(12000))
  .addOption(
    new Option('--models <names...>')
      .choices(['resnet', 'mobilenet'])
      .default(['resnet', 'mobilenet']),
  )
  .option('--test <n>', 'images to test with', Number, 10000)
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .option('--epochs <n>', 'dense, and once more while pruning', Number, 2)
  .parse()
  .opts<{
    backend?: string;
    images: number;
    test: number;
    models: Name[];
    seeds: number;
    epochs: number;
  }>();
await startBackend(options.backend);

const {train} = loadData('mnist', options.images);
const test = loadDigits('t10k', options.test);
const calibration = batches(loadDigits('train', Math.min(1000, options.images)), 100);

/** Of each state of a model and each way: the accuracies and file sizes of all seeds. */
const found = new Map<string, {accuracy: number[]; packed: number[]; gzip: number[]}>();

for (const name of options.models) {
  for (let seed = 1; seed <= options.seeds; ++seed) {
    const model = MODELS[name](seed);
    compile(model);
    const {epochs} = options;
    await model.fitDataset(batches(train, BATCH, seed), {epochs, verbose: 0});
    await recalibrateNormalization(model, calibration);
    await measure(`${name}, dense`, model);
    compile(model);
    const endStep = Math.floor((0.6 * epochs * options.images) / BATCH);
    const decay = new PolynomialDecay({
      initialSparsity: 0,
      finalSparsity: 0.9,
      beginStep: 0,
      endStep,
      frequency: 20,
    });
    const order = batches(train, BATCH, 100 + seed);
    await model.fitDataset(order, {epochs, verbose: 0, callbacks: [decay]});
    stripPruning(model);
    await recalibrateNormalization(model, calibration);
    await measure(`${name}, 90 % zeros`, model);
    const folded = foldNormalization(model);
    await measure(`${name}, folded`, folded);
    folded.dispose();
    model.dispose();
  }
}

const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const table = new Table({
  head: ['', 'accuracy %', 'least', 'packed', 'gzip -9'],
  style: {head: [], border: []},
});
const states = new Set([...found.keys()].map((key) => key.split(': ')[0]));
for (const state of states) {
  for (const way of Object.keys(WAYS)) {
    const {accuracy, packed, gzip} = found.get(`${state}: ${way}`)!;
    const {mean, least} = spread(accuracy);
    const bytes = {packed: spread(packed).mean, gzip: gzip.length ? spread(gzip).mean : NaN};
    table.push([
      `${state}: ${way}`,
      mean.toFixed(2),
      least.toFixed(2),
      Math.round(bytes.packed),
      gzip.length ? Math.round(bytes.gzip) : '',
    ]);
    figures[`${state}: ${way}`] = mean;
    figures[`${state}: ${way}, packed`] = bytes.packed;
  }
  const of = (way: string) => found.get(`${state}: ${way}`)!;
  const meanOf = (values: number[]) => spread(values).mean;
  const loss = meanOf(of('float32').accuracy) - meanOf(of('uint8').accuracy);
  bars[`${state}: lost`] = atMost(loss, MOST_LOST);
  for (const size of ['packed', 'gzip'] as const) {
    const growth = meanOf(of('uint8')[size]) / meanOf(of('uint8, all')[size]) - 1;
    bars[`${state}: grown, ${size}`] = atMost(growth, MOST_GROWN);
  }
}
console.log(`${table}`);
printResult('rounding', tf.getBackend(), figures, bars);

/** Saves `model` in each way, loads it, and looks how it does. */
async function measure(state: string, model: LayersModel): Promise<void> {
  for (const [way, quantize] of Object.entries(WAYS)) {
    const file = inMemory();
    await model.save(compressed(file, {format: 'packed', quantize}));
    const copy = await loadLayersModel(compressed(file, {format: 'packed'}));
    compile(copy);
    const key = `${state}: ${way}`;
    const result = found.get(key) ?? {accuracy: [], packed: [], gzip: []};
    result.accuracy.push(100 * (await accuracy(copy, test)));
    copy.dispose();
    result.packed.push(file.bytes().length);
    if (!way.includes('values')) {
      await model.save(compressed(file, {quantize}));
      result.gzip.push(gzipSync(file.bytes(), {level: 9}).length);
    }
    found.set(key, result);
    console.log(`${key}: ${result.accuracy.at(-1)!.toFixed(2)}, ${result.packed.at(-1)}`);
  }
}

/** A handler that keeps the last model, and its weights' bytes. */
function inMemory(): tf.io.IOHandler & {bytes(): Uint8Array} {
  let kept: tf.io.ModelArtifacts;
  return {
    save: async (artifacts) => {
      kept = artifacts;
      return {modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts)};
    },
    load: async () => kept,
    bytes: () => new Uint8Array(kept.weightData as ArrayBuffer),
  };
}

/**
 * What files of few bits cost models with normalization, trained, pruned and folded, on
 * MNIST: accuracy and bytes where all weights are rounded, and where those that are
 * sensitive are spared, as by default; the mean over seeds. And the bytes of a published
 * MobileNetV2, pruned without training.
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
  pruneNow,
  recalibrateNormalization,
  stripPruning,
} from 'tfjs-prune';
import {compressed, type CompressedArgs} from 'tfjs-prune/io';

import {startBackend} from '../examples/mnist/backend';
import {batches, loadDigits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {transferModel} from '../examples/transfer/base';
import {imagesOption, loadData} from './data';
import {atMost, printResult, shown, spread, type Bar} from './result';

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

interface Outcomes {
  accuracy: number[];
  packed: number[];
  gzip: number[];
}

const TRAINED = ['resnet', 'mobilenet'] as const;
const PUBLISHED = 'mobilenet_v2';
const NAMES = [...TRAINED, PUBLISHED] as const;

const options = new Command('npm run bench:rounding --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption.default(12000))
  .addOption(new Option('--models <names...>').choices(NAMES).default(NAMES))
  .option('--test <n>', 'images to test with', Number, 10000)
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .option('--epochs <n>', 'dense, and once more while pruning', Number, 2)
  .parse()
  .opts<{
    backend?: string;
    images: number;
    test: number;
    models: Array<(typeof NAMES)[number]>;
    seeds: number;
    epochs: number;
  }>();
await startBackend(options.backend);

const {train} = loadData('mnist', options.images);
const test = loadDigits('t10k', options.test);
const calibration = batches(loadDigits('train', Math.min(1000, options.images)), 100);

/** Of each state of a model and each way: the accuracies and file sizes of all seeds. */
const found = new Map<string, Outcomes>();

for (const name of TRAINED.filter((each) => options.models.includes(each))) {
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
if (options.models.includes(PUBLISHED)) {
  const model = await transferModel(9, 1);
  await pruneNow(model, {sparsity: 0.8});
  stripPruning(model);
  await measureBytes(`${PUBLISHED}, 80 % zeros`, model);
  const folded = foldNormalization(model);
  await measureBytes(`${PUBLISHED}, folded`, folded);
  folded.dispose();
  model.dispose();
}

const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const table = new Table({
  head: ['', 'accuracy %', 'packed', 'gzip -9'],
  style: {head: [], border: []},
});
const meanOf = (values: number[]) => spread(values).mean;
const states = new Set([...found.keys()].map((key) => key.split(': ')[0]));
for (const state of states) {
  for (const way of Object.keys(WAYS)) {
    const {accuracy, packed, gzip} = found.get(`${state}: ${way}`)!;
    table.push([
      `${state}: ${way}`,
      accuracy.length > 0 ? shown(spread(accuracy)) : '',
      Math.round(meanOf(packed)),
      gzip.length > 0 ? Math.round(meanOf(gzip)) : '',
    ]);
    if (accuracy.length > 0) {
      figures[`${state}: ${way}`] = meanOf(accuracy);
    }
    figures[`${state}: ${way}, packed`] = meanOf(packed);
  }
  const of = (way: string) => found.get(`${state}: ${way}`)!;
  if (of('uint8').accuracy.length > 0) {
    const loss = meanOf(of('float32').accuracy) - meanOf(of('uint8').accuracy);
    bars[`${state}: lost`] = atMost(loss, MOST_LOST);
  }
  for (const size of ['packed', 'gzip'] as const) {
    const growth = meanOf(of('uint8')[size]) / meanOf(of('uint8, all')[size]) - 1;
    bars[`${state}: grown, ${size}`] = atMost(growth, MOST_GROWN);
  }
}
console.log(`${table}`);
printResult('rounding', tf.getBackend(), figures, bars);

/** Saves `model` in each way, loads it, and looks how it does. */
async function measure(state: string, model: LayersModel): Promise<void> {
  for (const [way, handler] of await measureBytes(state, model)) {
    const copy = await loadLayersModel(handler);
    compile(copy);
    const reached = 100 * (await accuracy(copy, test));
    outcomes(state, way).accuracy.push(reached);
    copy.dispose();
    console.log(`${state}: ${way}: ${reached.toFixed(2)}`);
  }
}

/** Saves `model` in each way. Returns what loads the packed files. */
async function measureBytes(
  state: string,
  model: LayersModel,
): Promise<Map<string, tf.io.IOHandler>> {
  const saved = new Map<string, tf.io.IOHandler>();
  for (const [way, quantize] of Object.entries(WAYS)) {
    const {packed, gzip} = outcomes(state, way);
    const file = inMemory();
    await model.save(compressed(file, {format: 'packed', quantize}));
    packed.push(file.bytes().length);
    saved.set(way, compressed(file, {format: 'packed'}));
    if (!way.includes('values')) {
      const plain = inMemory();
      await model.save(compressed(plain, {quantize}));
      gzip.push(gzipSync(plain.bytes(), {level: 9}).length);
    }
  }
  return saved;
}

function outcomes(state: string, way: string): Outcomes {
  const key = `${state}: ${way}`;
  const known = found.get(key) ?? {accuracy: [], packed: [], gzip: []};
  found.set(key, known);
  return known;
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

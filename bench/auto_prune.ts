/**
 * `autoPrune` against the best uniform sparsity that a scan of as many epochs
 * finds, on MNIST: the sparsity that a drop of 0.2 points of accuracy allows,
 * and the drop on the test images, which neither has seen.
 *
 *     npm run bench:auto [-- --backend wasm --models lenet5 resnet]
 */
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {autoPrune, PolynomialDecay, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches, loadDigits, type Digits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {imagesOption} from './data';
import {atLeast, atMost, printResult, type Bar} from './result';

const BATCH = 128;
const MAX_DROP = 0.002;
/** Images to train and to judge by, and epochs: dense, of the longest training after it, of all. */
const SETTINGS = {
  lenet5: {images: 20000, judges: 10000, dense: 5, longest: 3, budget: 18},
  resnet: {images: 4000, judges: 4000, dense: 6, longest: 3, budget: 18},
} as const;
type Name = keyof typeof SETTINGS;

const options = new Command('npm run bench:auto --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption)
  .addOption(new Option('--models <names...>').choices(['lenet5', 'resnet']))
  .option('--seed <n>', 'of weights and orders', Number, 1)
  .parse()
  .opts<{backend?: string; images: number; models?: Name[]; seed: number}>();
await startBackend(options.backend);

const digits = loadDigits('train', 60000);
const test = loadDigits('t10k', 10000);
const rows: string[][] = [];
const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
for (const name of options.models ?? (['lenet5', 'resnet'] as const)) {
  const {dense, longest, budget} = SETTINGS[name];
  const [images, judges] = [SETTINGS[name].images, SETTINGS[name].judges].map((count) =>
    Math.min(count, options.images),
  );
  const [train, validation] = [slice(0, images), slice(60000 - judges, 60000)];
  const model = MODELS[name](options.seed);
  compile(model);
  await model.fitDataset(batches(train, BATCH, options.seed), {epochs: dense, verbose: 0});
  const start = model.getWeights().map((weight) => tf.clone(weight));
  const before = await accuracy(model, test);

  const {report} = await autoPrune(model, {
    train: {dataset: () => batches(train, BATCH, 100 + options.seed), epochs: longest},
    validation: batches(validation, 1000),
    maxDrop: MAX_DROP,
    budget: {epochs: budget},
    seed: options.seed,
    onProgress: ({candidate, epoch, epochsDone, secondsLeft}) => {
      if (candidate?.epochs === epoch) {
        console.log(
          `${name}: ${epochsDone} of ${budget} epochs, ${secondsLeft?.toFixed(0)} s left`,
        );
      }
    },
  });
  stripPruning(model);
  const ours = {sparsity: report.chosen.sparsity, drop: before - (await accuracy(model, test))};

  model.setWeights(start);
  const scan = await scanUniform(model, train, validation, longest, budget);
  const theirs = {sparsity: scan.sparsity, drop: before - scan.test};
  const cell = ({sparsity, drop}: typeof ours) => [
    `${(100 * sparsity).toFixed(2)} %`,
    `${(100 * drop).toFixed(2)}`,
  ];
  rows.push([name, (100 * before).toFixed(2), ...cell(ours), ...cell(theirs)]);
  Object.assign(figures, {
    [`${name}_auto_sparsity`]: ours.sparsity,
    [`${name}_auto_drop`]: ours.drop,
    [`${name}_uniform_sparsity`]: theirs.sparsity,
    [`${name}_uniform_drop`]: theirs.drop,
  });
  bars[`${name}_drop`] = atMost(ours.drop, MAX_DROP);
  bars[`${name}_sparsity`] = atLeast(ours.sparsity, theirs.sparsity);
  tf.dispose(start);
  model.dispose();
}

const table = new Table({
  head: ['', 'dense %', 'autoPrune', 'drop', 'uniform', 'drop'],
  style: {head: [], border: []},
});
table.push(...rows);
console.log(`${table}`);
printResult('auto_prune', tf.getBackend(), figures, bars);

/**
 * What one would do by hand: halve the density while the drop on the validation
 * images is within the limit, then halve the range, each time with the longest training.
 */
async function scanUniform(
  model: LayersModel,
  train: Digits,
  validation: Digits,
  epochs: number,
  budget: number,
): Promise<{sparsity: number; test: number}> {
  const start = model.getWeights().map((weight) => tf.clone(weight));
  const baseline = await accuracy(model, validation);
  let [low, high, next] = [0, Infinity, 3];
  let best = {sparsity: 0, test: await accuracy(model, test)};
  for (let spent = 0; spent + epochs <= budget; spent += epochs) {
    model.setWeights(start);
    compile(model);
    const finalSparsity = 1 - 2 ** -next;
    const pruner = new PolynomialDecay({
      initialSparsity: finalSparsity / 2,
      finalSparsity,
      beginStep: 0,
      endStep: Math.floor(0.6 * epochs * Math.ceil(train.count / BATCH)),
      frequency: 5,
    });
    const order = batches(train, BATCH, 100 + options.seed);
    await model.fitDataset(order, {epochs, verbose: 0, callbacks: [pruner]});
    stripPruning(model);
    if (baseline - (await accuracy(model, validation)) <= MAX_DROP) {
      low = next;
      best = {sparsity: finalSparsity, test: await accuracy(model, test)};
    } else {
      high = next;
    }
    next = high === Infinity ? low + 1 : (low + high) / 2;
  }
  tf.dispose(start);
  return best;
}

/** Training images from one number to another. */
function slice(begin: number, end: number): Digits {
  const pixels = digits.pixels.subarray(784 * begin, 784 * end);
  return {pixels, labels: digits.labels.subarray(begin, end), count: end - begin};
}

/**
 * LeNet-5 on MNIST as small as papers make it, in one packed file, with the
 * error in % of what is loaded back; every seed is printed.
 *
 * - `weights`: 92 % of the single weights pruned, the others with 32 shared values,
 *   beside Deep Compression (Han et al. 2016): 0.74 %, 1/39 of the file.
 * - `neurons`: 5 and 10 filters and 16 units left of 20, 50 and 500, and 32 shared
 *   values, beside BC-GHS (Louizos et al. 2017): 1.0 %, 1/419 of the file. (It has
 *   76 inputs left of the dense layer; what is left of two convolutions has 160.)
 *
 * The dense net, trained with dropout, teaches both.
 *
 *     npm run bench:lenet5 [-- --seeds 3 --backend wasm]
 */
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {
  ChannelPruner,
  countMacs,
  NeuronPruner,
  PolynomialDecay,
  shrink,
  stripPruning,
} from 'tfjs-prune';
import {compressed} from 'tfjs-prune/io';

import {startBackend} from '../examples/mnist/backend';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {atLeast, atMost, type Bar, printResult, spread} from './result';
import {fit, withDropout} from './training';

const DENSE_EPOCHS = 8;
const PRUNE_EPOCHS = 6;
/** Of the small net that `shrink` makes. */
const TUNE_EPOCHS = 30;
const RAW_BYTES = 4 * 431080;
/** Errors in %, and how many times smaller the file is. */
const LIMITS = {weights: {error: 0.74, times: 39}, neurons: {error: 1, times: 419}};
type Way = keyof typeof LIMITS;

const options = new Command('npm run bench:lenet5 --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption)
  .option('--seeds <n>', 'runs of each', Number, 3)
  .parse()
  .opts<{backend?: string; images: number; seeds: number}>();
await startBackend(options.backend);

const {train, test} = loadData('mnist', options.images);

interface Outcome {
  error: number;
  bytes: number;
  parameters: number;
  macs: number;
}

const outcomes: Record<Way, Outcome[]> = {weights: [], neurons: []};
for (let seed = 1; seed <= options.seeds; ++seed) {
  const dense = MODELS.lenet5(seed);
  await fit(withDropout(dense), {...settings(seed), epochs: DENSE_EPOCHS});
  for (const [way, make] of Object.entries({weights: pruneWeights, neurons: pruneNeurons})) {
    const model = MODELS.lenet5(seed);
    model.setWeights(dense.getWeights());
    const outcome = await make(model, dense, seed);
    outcomes[way as Way].push(outcome);
    const {error, bytes} = outcome;
    console.log(`${way}, seed ${seed}: ${error.toFixed(2)} %, ${bytes} bytes`);
    model.dispose();
  }
  dense.dispose();
}

const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const head = ['', 'error % of each seed', 'bytes', 'parameters', 'MACs'];
const table = new Table({head, style: {head: [], border: []}});
for (const [way, runs] of Object.entries(outcomes) as Array<[Way, Outcome[]]>) {
  const error = spread(runs.map((run) => run.error));
  const bytes = Math.max(...runs.map((run) => run.bytes));
  const {parameters, macs} = runs[0];
  const errors = runs.map((run) => run.error.toFixed(2)).join(', ');
  table.push([way, errors, bytes, parameters, macs]);
  Object.assign(figures, {
    [`${way}, error`]: error.mean,
    [`${way}, least error`]: error.least,
    [`${way}, largest error`]: error.most,
    [`${way}, bytes`]: bytes,
    [`${way}, times smaller`]: RAW_BYTES / bytes,
    [`${way}, parameters`]: parameters,
    [`${way}, MACs`]: macs,
  });
  bars[`${way}, mean error`] = atMost(error.mean, LIMITS[way].error);
  bars[`${way}, file`] = atLeast(RAW_BYTES / bytes, LIMITS[way].times);
}
console.log(`${table}`);
printResult('lenet5', tf.getBackend(), figures, bars);

function settings(seed: number) {
  return {optimizer: tf.train.momentum(0.02, 0.9), train, seed};
}

/** When in a training of so many steps weights go. */
function schedule(steps: number) {
  return {initialSparsity: 0, beginStep: 0, endStep: Math.round(0.6 * steps)};
}

async function pruneWeights(
  model: LayersModel,
  teacher: LayersModel,
  seed: number,
): Promise<Outcome> {
  const prune = (steps: number) => [
    new PolynomialDecay({...schedule(steps), finalSparsity: 0.92, scope: 'global'}),
  ];
  await fit(model, {...settings(seed), epochs: PRUNE_EPOCHS, teacher, prune});
  return packed(stripPruning(model), 32);
}

async function pruneNeurons(
  model: LayersModel,
  teacher: LayersModel,
  seed: number,
): Promise<Outcome> {
  const [first, second] = model.layers.filter((layer) => layer.getClassName() === 'Conv2D');
  const [hidden] = model.layers.filter((layer) => layer.getClassName() === 'Dense');
  const prune = (steps: number) => [
    new ChannelPruner({
      ...schedule(steps),
      finalSparsity: 0.8,
      layers: {[first.name]: 15 / 20, [second.name]: 40 / 50},
    }),
    new NeuronPruner({...schedule(steps), finalSparsity: 484 / 500, layers: [hidden.name]}),
  ];
  await fit(model, {...settings(seed), epochs: PRUNE_EPOCHS, teacher, prune});
  const small = await shrink(stripPruning(model));
  // Few weights take a larger learning rate than many.
  const optimizer = tf.train.momentum(0.05, 0.9);
  await fit(small, {...settings(100 + seed), optimizer, epochs: TUNE_EPOCHS, teacher});
  const outcome = await packed(small, 32);
  small.dispose();
  return outcome;
}

/** What becomes of `model` in a packed file with so many shared values in a weight. */
async function packed(model: LayersModel, clusters: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  try {
    const path = join(folder, 'model.tfpack');
    const handler = compressed(path, {format: 'packed', quantize: {clusters}});
    await model.save(handler);
    const loaded = await loadLayersModel(handler);
    compile(loaded);
    const error = 100 * (1 - (await accuracy(loaded, test)));
    loaded.dispose();
    const {macs} = countMacs(model);
    return {error, bytes: statSync(path).size, parameters: model.countParams(), macs};
  } finally {
    rmSync(folder, {recursive: true});
  }
}

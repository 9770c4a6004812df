/**
 * Accuracy of trained LeNets that are pruned at once, alone and reconstructed from
 * 512 training images without labels; beside it SparseGPT's update with each
 * layer's share from the same masks, and distillation on the same images. And
 * with half and three quarters of all channels and units gone, the half with 4 and
 * 3 bits too. With the CPU seconds of pruning and all that follows. At one sparsity
 * also from other numbers of images, and from noise.
 *
 *     npm run bench:reconstruct [-- --backend wasm --seeds 3 --only mlp]
 */
import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, model as makeModel, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {pruneChannelsNow, pruneNow, type PruneNowArgs, shrink, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches, type Digits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {denseModel, restore, weightsOf} from './dense_model';
import {roundKernels} from './gptq';
import {atLeast, atMost, type Bar, printResult, shown, spread} from './result';
import {dampedGram, sparseGpt} from './sparse_gpt';

const BATCH = 128;
const EPOCHS = 3;
/** Images to reconstruct from. */
const SAMPLES = 512;
/** Other numbers of them, at `FEW_AT`. */
const COUNTS = [16, 64, 256, 1024, 4096];
const FEW_AT = 0.9;
/** Of the kernels of the net with half of its channels. */
const BITS = [4, 3];
/** Of distillation, by Adam's usual learning rate: 200 steps. */
const DISTILL_EPOCHS = 50;
const NETS = ['mlp', 'lenet5'] as const;
type Net = (typeof NETS)[number];
const SPARSITIES: Readonly<Record<Net, number[]>> = {
  mlp: [0.8, 0.9, 0.95],
  lenet5: [0.9, 0.95, 0.98],
};

const options = new Command('npm run bench:reconstruct --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption)
  .addOption(new Option('--only <net>').choices([...NETS]))
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .parse()
  .opts<{backend?: string; images: number; only?: Net; seeds: number}>();
await startBackend(options.backend);

const {train, test} = loadData('mnist', options.images);
const calibration = {x: imagesOf(train, SAMPLES), batchSize: BATCH};
const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const nets = options.only ? [options.only] : NETS;
for (const net of nets) {
  const runs: Array<Record<string, number>> = [];
  for (let seed = 1; seed <= options.seeds; ++seed) {
    runs.push(await run(net, seed));
    console.log(`${net}, seed ${seed}: ${JSON.stringify(runs[seed - 1])}`);
  }
  const table = new Table({head: [net, `${options.seeds} seeds`], style: {head: [], border: []}});
  for (const key of Object.keys(runs[0])) {
    const all = spread(runs.map((each) => each[key]));
    figures[`${net} ${key}`] = all.mean;
    table.push([key, shown(all)]);
  }
  console.log(`${table}`);
}
holdAgainstBars();
printResult('reconstruct', tf.getBackend(), figures, bars);

/** What is measured of one dense model: accuracies in %, and CPU seconds. */
async function run(net: Net, seed: number): Promise<Record<string, number>> {
  // As it was measured before: a smaller part of the test images is enough for LeNet-5.
  const judged = net === 'lenet5' ? first(test, 5000) : test;
  const model = MODELS[net](seed);
  compile(model);
  await model.fitDataset(batches(train, BATCH, seed), {epochs: EPOCHS, verbose: 0});
  const dense = await denseModel(model, judged);
  const row: Record<string, number> = {dense: dense.accuracy};
  const measure = async (name: string, prune: () => Promise<unknown>) => {
    restore(model, dense);
    compile(model);
    const start = process.cpuUsage();
    await prune();
    stripPruning(model);
    const {user, system} = process.cpuUsage(start);
    row[name] = 100 * (await accuracy(model, judged));
    row[`${name}, CPU s`] = (user + system) / 1e6;
  };
  for (const sparsity of SPARSITIES[net]) {
    const title = `${100 * sparsity} %`;
    const global = {sparsity, scope: 'global'} as const;
    const by = (more: Partial<PruneNowArgs>) => () => pruneNow(model, {...global, ...more});
    await measure(`${title}, magnitude`, by({}));
    await measure(`${title}, reconstructed`, by({calibration}));
    await measure(`${title}, mask of the criterion`, by({calibration, mask: 'criterion'}));
    await measure(`${title}, ADMM`, by({calibration, mask: 'admm'}));
    await measure(`${title}, distilled`, () => distilled(model, global));
    if (net === 'mlp') {
      await measure(`${title}, SparseGPT`, () => bySparseGpt(model, global));
    }
  }
  if (net === 'mlp') {
    const patterns: Record<string, PruneNowArgs> = {
      '2:4': {sparsity: 0.5, structure: {n: 2, m: 4}},
      'blocks [1, 4]': {sparsity: 0.8, structure: {block: [1, 4]}},
      'blocks [1, 4], erk': {sparsity: 0.8, structure: {block: [1, 4]}, scope: 'erk'},
    };
    for (const [name, args] of Object.entries(patterns)) {
      await measure(`${name}, magnitude`, () => pruneNow(model, args));
      await measure(`${name}, reconstructed`, () => pruneNow(model, {...args, calibration}));
    }
    const from = async (name: string, x: tf.Tensor) => {
      const args = {sparsity: FEW_AT, scope: 'global', calibration: {x, batchSize: BATCH}} as const;
      await measure(`${100 * FEW_AT} %, from ${name}`, () => pruneNow(model, args));
      x.dispose();
    };
    for (const count of COUNTS) {
      await from(`${count} images`, imagesOf(train, count));
    }
    await from('noise', tf.randomUniform(calibration.x.shape, 0, 1, 'float32', seed));
  }
  for (const share of [0.5, 0.75]) {
    const title = `${100 * share} % of channels`;
    const args = {channels: share, neurons: share};
    await measure(`${title}, l2`, () => pruneChannelsNow(model, args));
    const byNorm = {...args, importance: 'l2', calibration} as const;
    await measure(`${title}, l2, reconstructed`, () => pruneChannelsNow(model, byNorm));
    await measure(`${title}, reconstructed`, () => pruneChannelsNow(model, {...args, calibration}));
    const smaller = await shrink(model);
    compile(smaller);
    row[`${title}, shrunk`] = 100 * (await accuracy(smaller, judged));
    row[`${title}, parameters`] = smaller.countParams();
    if (net === 'lenet5' && share === 0.5) {
      await measureBits(title, smaller, judged, row);
    }
    smaller.dispose();
  }
  tf.dispose(dense.weights);
  model.dispose();
  return row;
}

/** The accuracies with few bits, rounded in both ways. */
async function measureBits(
  title: string,
  model: LayersModel,
  judged: Digits,
  row: Record<string, number>,
): Promise<void> {
  const weights = weightsOf(model);
  for (const bits of BITS) {
    for (const rounding of ['nearest', 'GPTQ'] as const) {
      await roundKernels(model, calibration.x, bits, rounding);
      row[`${title}, ${bits} bits, ${rounding}`] = 100 * (await accuracy(model, judged));
      restore(model, {weights});
    }
  }
  tf.dispose(weights);
}

/** Prunes, and then learns what the dense model says of the same images. */
async function distilled(model: LayersModel, args: PruneNowArgs): Promise<void> {
  const {x} = calibration;
  const said = model.predict(x) as tf.Tensor;
  await pruneNow(model, args);
  await model.fit(x, said, {epochs: DISTILL_EPOCHS, batchSize: BATCH, verbose: 0});
  said.dispose();
}

/** Gives each layer the share of zeros that global magnitude gives it, where SparseGPT chooses. */
async function bySparseGpt(model: LayersModel, args: PruneNowArgs): Promise<void> {
  const own = model.layers.filter((layer) => layer.weights.length > 0);
  const before = own.map((layer) => layer.getWeights().map((weight) => tf.clone(weight)));
  await pruneNow(model, args);
  stripPruning(model);
  const shares: number[] = [];
  for (const [i, layer] of own.entries()) {
    const values = await layer.getWeights()[0].data();
    shares.push(values.filter((value) => value === 0).length / values.length);
    layer.setWeights(before[i]);
  }
  for (const [i, layer] of own.entries()) {
    const until = makeModel({inputs: model.inputs, outputs: layer.input as SymbolicTensor});
    const seen = until.predict(calibration.x) as tf.Tensor;
    const gram = await dampedGram(seen);
    const [kernel, bias] = before[i];
    const weights = Float64Array.from(await kernel.data());
    sparseGpt(weights, gram, kernel.shape[1]!, shares[i]);
    const solved = tf.tensor(Float32Array.from(weights), kernel.shape);
    layer.setWeights([solved, bias]);
    tf.dispose([seen, solved, kernel, bias]);
  }
}

function imagesOf({pixels}: Digits, count: number): tf.Tensor4D {
  const values = Float32Array.from(pixels.subarray(0, count * 784), (pixel) => pixel / 255);
  return tf.tensor4d(values, [count, 28, 28, 1]);
}

function first({pixels, labels, count}: Digits, most: number): Digits {
  return {pixels, labels, count: Math.min(count, most)};
}

function holdAgainstBars(): void {
  const of = (name: string) => figures[name];
  if (nets.includes('mlp')) {
    for (const [title, limit] of [
      ['80', 97.1],
      ['90', 96.4],
      ['95', 94.3],
    ] as const) {
      const name = `mlp ${title} %, reconstructed`;
      bars[name] = atLeast(of(name), limit);
      bars[`${name}, CPU s`] = atMost(of(`${name}, CPU s`), 1);
    }
    for (const [title, limit] of [
      ['90', 96.8],
      ['95', 96],
    ] as const) {
      const name = `mlp ${title} %, ADMM`;
      bars[name] = atLeast(of(name), limit);
      bars[`${name}, CPU s`] = atMost(of(`${name}, CPU s`), 6);
    }
    bars['mlp 2:4, loss'] = atMost(of('mlp dense') - of('mlp 2:4, reconstructed'), 0.4);
    bars['mlp blocks [1, 4]'] = atLeast(of('mlp blocks [1, 4], reconstructed'), 94);
  }
  if (nets.includes('lenet5')) {
    const loss = (name: string) => of('lenet5 dense') - of(`lenet5 ${name}`);
    for (const [title, limit] of [
      ['90', 0.2],
      ['95', 0.4],
      ['98', 2],
    ] as const) {
      bars[`lenet5 ${title} %, loss`] = atMost(loss(`${title} %, reconstructed`), limit);
      bars[`lenet5 ${title} %, CPU s`] = atMost(of(`lenet5 ${title} %, reconstructed, CPU s`), 3);
    }
    for (const [title, limit] of [
      ['50', 0.5],
      ['75', 1.7],
    ] as const) {
      bars[`lenet5 ${title} % of channels, loss`] = atMost(
        loss(`${title} % of channels, shrunk`),
        limit,
      );
    }
    bars['lenet5 50 % of channels, 4 bits, loss'] = atMost(
      loss('50 % of channels, 4 bits, nearest') - loss('50 % of channels, shrunk'),
      0.3,
    );
  }
}

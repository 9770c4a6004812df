/**
 * How weights of several layers are made to compare, on MNIST; the accuracy in %, mean
 * (least to most) over seeds.
 *
 * - Pruned while it trains: each layer alone, by ERK, all together by magnitude, and all
 *   together by LAMP.
 * - Pruned at once after dense training, without any further training: the same, by
 *   Wanda (Sun et al. 2023, magnitude times the norm of the input, for each output alone),
 *   and by magnitude with what is left solved for from the same inputs.
 *
 * Started again, it goes on where it was interrupted.
 *
 *     npm run bench:criteria [-- --nets lenet300 --seeds 3 --images 12000]
 */
import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, model as modelOf, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {Command, Option} from 'commander';
import {
  type CriterionFunction,
  LearningRateRewinding,
  PolynomialDecay,
  type PruneNowArgs,
  pruneNow,
  stripPruning,
} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {compile, MODELS, type ModelName} from '../examples/mnist/models';
import {loadData} from './data';
import {firstSamples} from './recalibrated';
import {NETS, type NetName, percentRight, Study} from './study';
import {TrainedOnce} from './trained_once';
import {momentum} from './training';

/** Sparsities in %, while it trains and at once. */
const GRADUAL = [98, 99];
const AT_ONCE = [80, 90];
const WAYS = {
  'each layer': {scope: 'layer'},
  ERK: {scope: 'erk'},
  'all, magnitude': {scope: 'global'},
  'all, LAMP': {scope: 'global', criterion: 'lamp'},
} as const;
const BATCH = 64;
/** Training images that Wanda and the reconstruction look at. */
const SAMPLES = 256;

const options = new Command('npm run bench:criteria --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--nets <names...>').choices(Object.keys(NETS)).default(Object.keys(NETS)))
  .option('--images <n>', 'to train with, the first of so many', Number, 6000)
  .option('--epochs <n>', 'of a training', Number, 6)
  .option('--seeds <n>', 'runs of each', Number, 3)
  .parse()
  .opts<{backend?: string; nets: NetName[]; images: number; epochs: number; seeds: number}>();
await startBackend(options.backend);

const {train, test} = loadData('mnist', options.images);
const steps = Math.ceil(train.count / BATCH) * options.epochs;
const study = new Study('criteria', `${options.images} images, ${options.epochs} epochs`);

for (const net of options.nets) {
  const {title, model: name} = NETS[net];
  for (let seed = 1; seed <= options.seeds; ++seed) {
    const measure = (way: string, run: () => Promise<number>) =>
      study.measure(`${title}, ${way}`, seed, async () => ({accuracy: await run()}));
    for (const percent of GRADUAL) {
      for (const [way, args] of Object.entries(WAYS)) {
        await measure(`${percent} % while it trains, ${way}`, () =>
          gradual(name, seed, percent / 100, args),
        );
      }
    }
    const dense = new TrainedOnce(() => trained(name, seed));
    for (const percent of AT_ONCE) {
      const sparsity = percent / 100;
      const measureAtOnce = (way: string, prune: (model: LayersModel) => Promise<unknown>) =>
        measure(`${percent} % at once, ${way}`, async () => {
          const model = await dense.model();
          await prune(model);
          return percentRight(stripPruning(model), test);
        });
      for (const [way, args] of Object.entries(WAYS)) {
        await measureAtOnce(way, (model) => pruneNow(model, {sparsity, ...args}));
      }
      await measureAtOnce('Wanda', (model) => wanda(model, sparsity));
      await measureAtOnce('each layer, reconstructed', async (model) => {
        const {xs, ys} = await firstSamples(train, SAMPLES);
        await pruneNow(model, {sparsity, calibration: {x: xs}} as PruneNowArgs);
        tf.dispose([xs, ys]);
      });
    }
    dense.dispose();
  }
}
study.print();

async function gradual(
  name: ModelName,
  seed: number,
  finalSparsity: number,
  args: (typeof WAYS)[keyof typeof WAYS],
): Promise<number> {
  const endStep = Math.round(0.6 * steps);
  const schedule = {initialSparsity: 0, finalSparsity, beginStep: 0, endStep};
  const model: LayersModel = MODELS[name](seed);
  await fit(model, seed, [new PolynomialDecay({...schedule, ...args})]);
  const value = await percentRight(stripPruning(model), test);
  model.dispose();
  return value;
}

async function trained(name: ModelName, seed: number): Promise<LayersModel> {
  const model: LayersModel = MODELS[name](seed);
  await fit(model, seed, []);
  compile(model);
  return model;
}

async function fit(model: LayersModel, seed: number, pruners: PolynomialDecay[]): Promise<void> {
  model.compile({optimizer: momentum(0.05)(), loss: 'categoricalCrossentropy'});
  const decay = new LearningRateRewinding({schedule: [], endStep: steps});
  const callbacks = [...pruners, decay];
  const data = batches(train, BATCH, seed);
  await model.fitDataset(data, {epochs: options.epochs, verbose: 0, callbacks});
}

/** Wanda's score, as a rank among the weights of the same output: these are compared alone. */
async function wanda(model: LayersModel, sparsity: number): Promise<void> {
  const {xs, ys} = await firstSamples(train, SAMPLES);
  const norms = new Map<string, Float32Array>();
  for (const layer of model.layers.filter((each) => each.weights.length > 0)) {
    const part = modelOf({inputs: model.inputs, outputs: layer.input as SymbolicTensor});
    const norm = tf.tidy(() => {
      const input = part.predict(xs) as tf.Tensor;
      return tf.sqrt(tf.sum(tf.square(tf.reshape(input, [-1, input.shape.at(-1)!])), 0));
    });
    norms.set(layer.name, await norm.data<'float32'>());
    norm.dispose();
  }
  const criterion: CriterionFunction = (weight, {layer}) => {
    const norm = norms.get(layer.slice(0, layer.lastIndexOf('/')))!;
    const outputs = weight.shape.at(-1)!;
    const values = weight.dataSync();
    const inputs = values.length / outputs;
    const ranks = new Float32Array(values.length);
    for (let output = 0; output < outputs; ++output) {
      const own = Array.from({length: inputs}, (_, i) => i * outputs + output);
      const score = (at: number) =>
        Math.abs(values[at]) * norm[Math.floor(at / outputs) % norm.length];
      own.sort((a, b) => score(a) - score(b)).forEach((at, rank) => (ranks[at] = rank));
    }
    return tf.tensor(ranks, weight.shape);
  };
  await pruneNow(model, {sparsity, criterion});
  tf.dispose([xs, ys]);
}

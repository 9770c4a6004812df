/**
 * Accuracy on MNIST with half of all channels and units removed at once, after
 * one epoch of dense training: as pruned, and after one epoch of fine-tuning of
 * what `shrink` makes of it; and, beside it, of the dense model after the same
 * two epochs. The same by Torch-Pruning from the same dense weights, which is left
 * out where `npm run bench:peers -- --torch` did not install it. Every seed is
 * reported, and the mean (least to most) of all. A net with batch normalization is also
 * measured as pruned after `recalibrateNormalization`.
 *
 *     npm run bench:structured [-- --net lenet5 --seeds 3 --backend tensorflow]
 *
 * To compare all importances on LeNet-5; or some of them, and one run at a time:
 *
 *     npm run bench:structured -- --only importances
 *     npm run bench:structured -- --net resnet --first 2 --seeds 1 --importance l2 taylor random
 */
import * as tf from '@tensorflow/tfjs-core';
import type {CustomCallbackArgs, LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {
  ChannelPruner,
  countMacs,
  type ImportanceName,
  NeuronPruner,
  type Samples,
  shrink,
  stripPruning,
} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {accuracy, parameters} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {type DenseModel, denseModel, restore} from './dense_model';
import {Peer} from './peers/peer';
import {prunedByPeer} from './peers/pruned_by_peer';
import {firstSamples, recalibratedAccuracy} from './recalibrated';
import {atLeast, printResult, shown, spread} from './result';

/** Of the first epoch, with Adam's usual learning rate of 0.001. */
const BATCH = 128;
/** Of the second, at its beginning. */
const LEARNING_RATE = 0.003;
/**
 * What is pruned, the batch size of the second epoch (a smaller one learns more
 * and takes longer), and the accuracy in % that the smaller model must have.
 */
const NETS = {
  lenet5: {pruners: [ChannelPruner, NeuronPruner], batchSize: 64, limit: 98.9},
  resnet: {pruners: [ChannelPruner], batchSize: 128, limit: 98.6},
} as const;
type Net = keyof typeof NETS;
/** The default importance, and that of Torch-Pruning: held against bars. */
const COMPARED: readonly ImportanceName[] = ['l2', 'groupL2'];
/** Samples of the training set for the importances that look at data, and which do. */
const SAMPLES = 256;
const OF_DATA = ['taylor', 'meanActivation', 'maxActivation', 'lossChange', 'gradientChange'];
const IMPORTANCES = ['l2', 'l1', 'groupL2', 'gamma', 'fpgm', 'random', ...OF_DATA];
/** What is run by default, as one result each. LeNet-5 has no gamma. */
const PARTS = {
  peers: {nets: Object.keys(NETS) as Net[], importances: COMPARED},
  importances: {
    nets: ['lenet5' as Net],
    importances: IMPORTANCES.filter((name) => name !== 'gamma') as ImportanceName[],
  },
};

/** What is measured of a net, and what its figures are called. */
const ACCURACIES = [
  ['accuracy', ''],
  ['pruned', ', as pruned'],
  ['recalibrated', ', as pruned, recalibrated'],
] as const;

const options = new Command('npm run bench:structured --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption)
  .addOption(new Option('--only <part>').choices(Object.keys(PARTS)).default('peers'))
  .addOption(new Option('--net <name>', 'default: all of the part').choices(Object.keys(NETS)))
  .addOption(new Option('--importance <names...>', 'the same').choices(IMPORTANCES))
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .option('--first <seed>', 'seed of the first run', Number, 1)
  .option('--no-control', 'leave out the second epoch of the dense model')
  .option('--no-tuning', 'leave out the fine-tuning')
  .parse()
  .opts<{
    backend?: string;
    images: number;
    only: keyof typeof PARTS;
    net?: Net;
    importance?: ImportanceName[];
    seeds: number;
    first: number;
    control: boolean;
    tuning: boolean;
  }>();
await startBackend(options.backend);
const isOfPeers = options.only === 'peers';
const {nets, importances} = PARTS[options.only];
const chosen = options.importance ?? importances;
const torch = isOfPeers ? await Peer.start('pytorch') : null;

const {train, test, folder} = loadData('mnist', options.images);

const figures: Record<string, number> = {};
const bars: Record<string, ReturnType<typeof atLeast>> = {};
const table = new Table({
  head: ['', 'accuracy %', 'as pruned', 'recalibrated', 'parameters', 'MACs'],
  style: {head: [], border: []},
});
for (const net of options.net ? [options.net] : nets) {
  const runs: Array<Map<string, Figures>> = [];
  for (let seed = options.first; seed < options.first + options.seeds; ++seed) {
    runs.push(await run(net, seed));
  }
  for (const name of runs[0].keys()) {
    const all = runs.map((each) => each.get(name)!);
    const {parameters: left, macs} = all[0];
    const row = [`${net} ${name}`];
    for (const [key, suffix] of ACCURACIES) {
      const values = all.flatMap((each) => each[key] ?? []);
      row.push(values.length > 0 ? shown(spread(values)) : '');
      if (values.length > 0) {
        const {mean, least, most} = spread(values);
        const title = `${net} ${name}${suffix}`;
        Object.assign(figures, {
          [title]: mean,
          [`${title}, least`]: least,
          [`${title}, most`]: most,
        });
      }
    }
    table.push([...row, left, macs]);
    // Of each importance they are the same.
    if (isOfPeers) {
      const costs = {[`${net} ${name}, parameters`]: left, [`${net} ${name}, MACs`]: macs};
      Object.assign(figures, costs);
    }
  }
  if (options.tuning && isOfPeers) {
    const theirs = figures[`${net} groupL2, Torch-Pruning`];
    for (const importance of chosen.filter((each) => COMPARED.includes(each))) {
      const own = figures[`${net} ${importance}`];
      bars[`${net} ${importance}`] = atLeast(own, NETS[net].limit);
      if (theirs !== undefined) {
        bars[`${net} ${importance}, against Torch-Pruning`] = atLeast(own, theirs);
      }
    }
  }
}
torch?.stop();
console.log(`${table}`);
const name = isOfPeers ? 'structured' : `structured_${options.only}`;
printResult(name, tf.getBackend(), figures, bars, torch?.versions);

/** Of a model: accuracies in %, at last and before it was trained on, and what it has and costs. */
interface Figures {
  accuracy: number;
  pruned: number;
  /** As pruned, with the statistics of its normalizations measured anew. */
  recalibrated?: number;
  parameters: number;
  macs: number;
}

/** The figures of the dense model, and of the halves by each importance. */
async function run(net: Net, seed: number): Promise<Map<string, Figures>> {
  const found = new Map<string, Figures>();
  const add = (name: string, figures: Figures) => {
    found.set(name, figures);
    const {pruned, recalibrated, accuracy: last} = figures;
    const way = [pruned, recalibrated ?? [], last].flat().map((value) => value.toFixed(2));
    console.log(`${net}, seed ${seed}, ${name}: ${way.join(', ')}`);
  };
  const note = async (name: string, model: LayersModel, more: Partial<Figures> = {}) => {
    const reached = 100 * (await accuracy(model, test));
    add(name, {
      accuracy: reached,
      pruned: reached,
      parameters: parameters(model),
      macs: countMacs(model).macs,
      ...more,
    });
  };
  const model: LayersModel = MODELS[net](seed);
  compile(model);
  await fit(model, BATCH, seed);
  await note('dense', model);
  const dense = await denseModel(model, test);
  if (torch) {
    add('groupL2, Torch-Pruning', await theirs(torch, net, dense, seed));
  }
  if (options.control) {
    await tune(net, model, seed);
    await note('dense, as many epochs', model);
  }
  const {xs: x, ys: y} = await firstSamples(train, SAMPLES);
  for (const importance of chosen) {
    restore(model, dense);
    compile(model);
    const withData = OF_DATA.includes(importance);
    await pruneAtOnce(net, model, importance, withData ? {x, y} : undefined);
    const half = await shrink(stripPruning(model));
    const pruned = 100 * (await accuracy(half, test));
    const recalibrated = await recalibratedAccuracy(model, train, test);
    if (options.tuning) {
      await tune(net, half, seed);
    }
    await note(importance, half, {pruned, recalibrated});
    half.dispose();
  }
  tf.dispose([dense.weights, x, y]);
  model.dispose();
  return found;
}

/** The same by Torch-Pruning. */
function theirs(server: Peer, net: Net, dense: DenseModel, seed: number): Promise<Figures> {
  const {batchSize} = NETS[net];
  const tuning = {epochs: 1, batchSize, learningRate: LEARNING_RATE, decay: true};
  const data = {folder, count: train.count};
  return prunedByPeer(server, dense, data, {
    op: 'structured',
    net,
    seed,
    tuning: options.tuning ? tuning : null,
  });
}

async function fit(
  model: LayersModel,
  batchSize: number,
  seed: number,
  callbacks?: CustomCallbackArgs,
): Promise<void> {
  const data = batches(train, batchSize, seed);
  await model.fitDataset(data, {epochs: 1, verbose: 0, callbacks});
}

/** An epoch in which the learning rate falls to 0, step by step. */
async function tune(net: Net, model: LayersModel, seed: number): Promise<void> {
  compile(model);
  const {batchSize} = NETS[net];
  const steps = Math.ceil(train.count / batchSize);
  await fit(model, batchSize, 100 + seed, {
    onBatchBegin: async (batch) =>
      void Reflect.set(model.optimizer, 'learningRate', LEARNING_RATE * (1 - batch / steps)),
  });
}

/** Masks half of the channels, and then of the units, without training. */
async function pruneAtOnce(
  net: Net,
  model: LayersModel,
  importance: ImportanceName,
  calibration: Samples | undefined,
): Promise<void> {
  const schedule = {initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 0};
  for (const Pruner of NETS[net].pruners) {
    const pruner = new Pruner({...schedule, importance, calibration, seed: 1});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await pruner.onTrainEnd();
  }
}

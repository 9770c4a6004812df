/**
 * Accuracy against sparsity, here and in TFMOT, with the same model, schedule,
 * epochs and batches: DENSE_EPOCHS dense here, then from those weights, for each final
 * sparsity, EPOCHS in which `PolynomialDecay` rises to it; mean, least and most
 * over seeds; of the ResNet, which takes ten times as long as the others, with the first
 * RESNET_IMAGES. Here each layer gets that sparsity (`layer`, as in TFMOT), or all
 * of them together (`global`). A net with batch normalization is also measured after
 * `recalibrateNormalization`, and TFMOT's with the same done in Python. Small dense
 * models differ in how much they can lose, so TFMOT starts from the same; it is left
 * out where `npm run bench:peers` did not install it.
 *
 *     npm run bench:sparsity [-- --data fashion --models mlp tutorial --seeds 3]
 */
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {PolynomialDecay, sparsityReport, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {type Data, dataOption, imagesOption, loadData, resultName, type DataName} from './data';
import {type DenseModel, denseModel, restore} from './dense_model';
import {Peer} from './peers/peer';
import {prunedByPeer} from './peers/pruned_by_peer';
import {recalibratedAccuracy, SAMPLES} from './recalibrated';
import {Remembered} from './remembered';
import {atLeast, atLeastPeer, printResult, shown, spread, type Bar} from './result';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const EPOCHS = 4;
const INITIAL = 0.5;
const FINALS = [0.8, 0.9, 0.95, 0.98];
const FREQUENCY = 100;
const RESNET_IMAGES = 20000;
const SCOPES = ['layer', 'global'] as const;
/** What a net with normalizations must reach as it comes out of training, in %. */
const RESNET_AT_95 = {layer: 94, global: 98} as const;
const NAMES = ['mlp', 'tutorial', 'cnn', 'lenet5', 'resnet'] as const;
type Name = (typeof NAMES)[number];

const options = new Command('npm run bench:sparsity --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(dataOption)
  .addOption(imagesOption)
  .addOption(new Option('--models <names...>').choices(NAMES).default(['mlp', 'tutorial']))
  .option('--sparsities <s...>', 'final ones', FINALS.map(String))
  .option('--end <step>', 'at which the sparsity is final (default: the last)', Number, Infinity)
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .parse()
  .opts<{
    backend?: string;
    data: DataName;
    images: number;
    models: Name[];
    sparsities: string[];
    end: number;
    seeds: number;
  }>();
const finals = options.sparsities.map(Number);
const columns = ['dense', ...finals.map((final) => `${100 * final} %`)];
await startBackend(options.backend);
const tfmot = await Peer.start('tfmot');
const remembered = new Remembered<Record<string, number[]>>('sparsity');

const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const table = new Table({
  head: ['accuracy %', '', ...columns],
  style: {head: [], border: []},
});
for (const name of options.models) {
  const images = name === 'resnet' ? Math.min(options.images, RESNET_IMAGES) : options.images;
  const data = loadData(options.data, images);
  const {train} = data;
  const steps = EPOCHS * Math.ceil(train.count / BATCH);
  const endStep = Math.min(options.end, steps);
  const title = [
    name,
    ...(train.count < options.images ? [`on ${train.count} images`] : []),
    ...(endStep < steps ? [`ending at step ${endStep} of ${steps}`] : []),
  ].join(' ');
  /** Accuracies by way, seed and column. */
  const ways: Record<string, number[][]> = {};
  for (let seed = 1; seed <= options.seeds; ++seed) {
    const settings = `${resultName(title, options.data)}, ${tf.getBackend()}, ${finals.join(', ')}`;
    const of = await remembered.of(`${settings}, ${train.count} images, seed ${seed}`, () =>
      accuracies(name, data, endStep, seed),
    );
    Object.entries(of).forEach(([way, row]) => (ways[way] ??= []).push(row));
  }
  for (const [way, rows] of Object.entries(ways)) {
    const column = way.startsWith('TFMOT')
      ? `${way.replace('TFMOT', 'layer')}, TFMOT`
      : `${way}, tfjs-prune`;
    const cells = columns.map((sparsity, i) => {
      const all = spread(rows.map((row) => row[i]));
      const {mean, least, most} = all;
      const key = `${title}, ${sparsity}, ${column}`;
      Object.assign(figures, {[key]: mean, [`${key}, least`]: least, [`${key}, most`]: most});
      return shown(all);
    });
    table.push([title, column, ...cells]);
  }
  if (name === 'resnet' && finals.includes(0.95) && endStep === steps) {
    for (const scope of SCOPES) {
      const own = spread(ways[scope].map((row) => row[1 + finals.indexOf(0.95)])).mean;
      bars[`${title}, 95 %, ${scope}, as trained`] = atLeast(own, RESNET_AT_95[scope]);
    }
  }
  for (const end of ['', ' recalibrated']) {
    for (const [i, final] of `TFMOT${end}` in ways ? finals.entries() : []) {
      const peer = spread(ways[`TFMOT${end}`].map((row) => row[i + 1]));
      for (const scope of SCOPES) {
        const own = spread(ways[`${scope}${end}`].map((row) => row[i + 1])).mean;
        // Where it is hard, the sparsity that is shared out must do better.
        const mustBeat = scope === 'global' && final >= 0.95;
        bars[`${title}, ${columns[i + 1]}, ${scope}${end}`] = mustBeat
          ? atLeast(own, peer.mean)
          : atLeastPeer(own, peer);
      }
    }
  }
}
tfmot?.stop();
console.log(`${table}`);
printResult(resultName('sparsity', options.data), tf.getBackend(), figures, bars, tfmot?.versions);

/** Accuracies by way, of the dense model and of each sparsity. */
async function accuracies(
  name: Name,
  data: Data,
  endStep: number,
  seed: number,
): Promise<Record<string, number[]>> {
  const {train, test} = data;
  const ways: Record<string, number[]> = {};
  const model = MODELS[name](seed);
  compile(model);
  await model.fitDataset(batches(train, BATCH, seed), {epochs: DENSE_EPOCHS, verbose: 0});
  const dense = await denseModel(model, test);
  const recalibrated = await recalibratedAccuracy(model, train, test);
  const add = (way: string, row: readonly Pruned[]) => {
    ways[way] = [dense.accuracy, ...row.map((each) => each.pruned)];
    if (recalibrated !== undefined) {
      ways[`${way} recalibrated`] = [recalibrated, ...row.map((each) => each.recalibrated!)];
    }
  };
  for (const scope of SCOPES) {
    add(scope, await ours(model, dense, data, scope, endStep, seed));
  }
  if (tfmot) {
    add('TFMOT', await theirs(tfmot, model, dense, data, endStep, seed));
  }
  tf.dispose(dense.weights);
  model.dispose();
  return ways;
}

/** Accuracies in %, the second with the statistics of normalizations, if any, measured anew. */
interface Pruned {
  pruned: number;
  recalibrated?: number | null;
}

/** Of a model that had these weights, for each final sparsity. */
async function ours(
  model: LayersModel,
  dense: DenseModel,
  {train, test}: Data,
  scope: (typeof SCOPES)[number],
  endStep: number,
  seed: number,
): Promise<Pruned[]> {
  const row: Pruned[] = [];
  for (const finalSparsity of finals) {
    restore(model, dense);
    compile(model);
    const pruner = new PolynomialDecay({
      scope,
      initialSparsity: INITIAL,
      finalSparsity,
      beginStep: 0,
      endStep,
      frequency: FREQUENCY,
    });
    const order = batches(train, BATCH, 100 + seed);
    await model.fitDataset(order, {epochs: EPOCHS, verbose: 0, callbacks: [pruner]});
    stripPruning(model);
    const pruned = 100 * (await accuracy(model, test));
    row.push({pruned, recalibrated: await recalibratedAccuracy(model, train, test)});
    const reached = (await sparsityReport(model)).sparsity;
    if (Math.abs(reached - finalSparsity) > 1e-3) {
      throw new Error(`A sparsity of ${finalSparsity} was wanted, and ${reached} came out.`);
    }
  }
  return row;
}

/** The same in TFMOT. */
function theirs(
  server: Peer,
  model: LayersModel,
  dense: DenseModel,
  {train, folder}: Data,
  endStep: number,
  seed: number,
): Promise<Pruned[]> {
  const data = {folder, count: train.count};
  return prunedByPeer(server, dense, data, {
    op: 'sparsity',
    topology: model.toJSON(),
    seed,
    epochs: EPOCHS,
    end_step: endStep,
    batch_size: BATCH,
    frequency: FREQUENCY,
    initial: INITIAL,
    finals,
    samples: SAMPLES,
  });
}

/**
 * Weights that share few values, on MNIST: a net trained densely, then clustered and
 * trained on by `ClusterWeights`; accuracy in %, mean (least to most) over seeds, and the
 * bytes of a packed file. Elements keep their first cluster, or are assigned again in
 * each step; a weight has its clusters, or each of its output channels has.
 *
 * Started again, it goes on where it was interrupted.
 *
 *     npm run bench:clusters [-- --nets lenet300 --seeds 3 --images 6000]
 */
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {ClusterWeights, type ClusterWeightsArgs, stripPruning} from 'tfjs-prune';
import {compressed} from 'tfjs-prune/io';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS, type ModelName} from '../examples/mnist/models';
import {loadData} from './data';
import {denseModel, type DenseModel, restore} from './dense_model';
import {Remembered} from './remembered';
import {printResult, shown, spread, spreadFigures} from './result';

const NETS: Readonly<Record<string, {title: string; model: ModelName}>> = {
  lenet300: {title: 'LeNet-300-100', model: 'mlp'},
  lenet5: {title: 'LeNet-5', model: 'lenet5'},
};
const CLUSTERS = [2, 4, 16];
const WAYS: Readonly<Record<string, Omit<ClusterWeightsArgs, 'clusters'>>> = {
  fixed: {},
  reassigned: {reassign: true},
  'per channel': {perChannel: true},
  'per channel, reassigned': {perChannel: true, reassign: true},
};
const BATCH = 128;
const DENSE_EPOCHS = 6;
const EPOCHS = 2;

const options = new Command('npm run bench:clusters --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--nets <names...>').choices(Object.keys(NETS)).default(Object.keys(NETS)))
  .option('--images <n>', 'to train with, the first of so many', Number, 6000)
  .option('--seeds <n>', 'runs of each', Number, 3)
  .parse()
  .opts<{backend?: string; nets: string[]; images: number; seeds: number}>();
await startBackend(options.backend);

interface Outcome {
  /** In %. */
  accuracy: number;
  bytes: number;
}

const {train, test} = loadData('mnist', options.images);
const outcomes = new Remembered<Outcome>('clusters');
const found = new Map<string, Outcome[]>();
for (const net of options.nets) {
  const {title, model: name} = NETS[net];
  for (let seed = 1; seed <= options.seeds; ++seed) {
    let dense: [LayersModel, DenseModel] | null = null;
    const measure = async (what: string, args: ClusterWeightsArgs | null) => {
      const key = `${title}, ${what}`;
      const value = await outcomes.of(`${key}, ${options.images} images, ${seed}`, async () => {
        dense ??= await trained(name, seed);
        restore(...dense);
        return clustered(dense[0], seed, args);
      });
      found.set(key, [...(found.get(key) ?? []), value]);
    };
    await measure('trained on as it is', null);
    for (const clusters of CLUSTERS) {
      for (const [way, args] of Object.entries(WAYS)) {
        await measure(`${clusters} clusters, ${way}`, {clusters, ...args});
      }
    }
    if (dense) {
      const [model, {weights}] = dense as [LayersModel, DenseModel];
      tf.dispose(weights);
      model.dispose();
    }
  }
}

const figures: Record<string, number> = {};
const table = new Table({head: ['', 'accuracy %', 'bytes'], style: {head: [], border: []}});
for (const [key, values] of found) {
  const range = spread(values.map((each) => each.accuracy));
  const bytes = Math.max(...values.map((each) => each.bytes));
  table.push([key, shown(range), bytes]);
  Object.assign(figures, spreadFigures(key, range), {
    [`${key}, bytes`]: bytes,
  });
}
console.log(`${table}`);
printResult('clusters', tf.getBackend(), figures, {});

async function trained(name: ModelName, seed: number): Promise<[LayersModel, DenseModel]> {
  const model: LayersModel = MODELS[name](seed);
  compile(model);
  await model.fitDataset(batches(train, BATCH, seed), {epochs: DENSE_EPOCHS, verbose: 0});
  return [model, await denseModel(model, test)];
}

async function clustered(
  model: LayersModel,
  seed: number,
  args: ClusterWeightsArgs | null,
): Promise<Outcome> {
  compile(model);
  const callbacks = args ? [new ClusterWeights(args)] : [];
  const data = batches(train, BATCH, 100 + seed);
  await model.fitDataset(data, {epochs: EPOCHS, verbose: 0, callbacks});
  stripPruning(model);
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  try {
    const path = join(folder, 'model.tfpack');
    await model.save(compressed(path, {format: 'packed'}));
    const share = 100 * (await accuracy(model, test));
    return {accuracy: Number(share.toFixed(3)), bytes: statSync(path).size};
  } finally {
    rmSync(folder, {recursive: true});
  }
}

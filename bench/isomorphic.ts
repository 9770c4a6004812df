/**
 * Which channels are ranked together, on MNIST: a ResNet and a MobileNet after dense
 * training, pruned at once by `'l2'` and trained on; accuracy in %, mean (least to most)
 * over seeds, and what is left. `layer` takes the same share of each layer; `global` ranks
 * all channels together; `isomorphic` those of layers that are alike.
 *
 * Started again, it goes on where it was interrupted.
 *
 *     npm run bench:isomorphic [-- --nets resnet --seeds 3 --images 2000]
 */
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {
  type ChannelScope,
  countMacs,
  pruneChannelsNow,
  recalibrateNormalization,
  shrink,
  stripPruning,
} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {accuracy, parameters} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {loadData} from './data';
import {denseModel, type DenseModel, restore} from './dense_model';
import {firstSamples} from './recalibrated';
import {Remembered} from './remembered';
import {printResult, shown, spread, spreadFigures} from './result';

const NETS = ['resnet', 'mobilenet'] as const;
const SCOPES: readonly ChannelScope[] = ['layer', 'global', 'isomorphic'];
const PERCENT = [50, 75];
const BATCH = 64;
const DENSE_EPOCHS = 3;
const SAMPLES = 512;

const options = new Command('npm run bench:isomorphic --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--nets <names...>').choices(NETS).default([...NETS]))
  .option('--images <n>', 'to train with, the first of so many', Number, 2000)
  .option('--seeds <n>', 'runs of each', Number, 3)
  .parse()
  .opts<{backend?: string; nets: Array<(typeof NETS)[number]>; images: number; seeds: number}>();
await startBackend(options.backend);

interface Outcome {
  /** In %. */
  accuracy: number;
  parameters: number;
  macs: number;
}

const {train, test} = loadData('mnist', options.images);
test.count = 2000;
const outcomes = new Remembered<Outcome>('isomorphic');
const found = new Map<string, Outcome[]>();
for (const net of options.nets) {
  for (let seed = 1; seed <= options.seeds; ++seed) {
    let dense: [LayersModel, DenseModel] | null = null;
    for (const percent of PERCENT) {
      for (const scope of SCOPES) {
        const key = `${net}, ${percent} %, ${scope}`;
        const value = await outcomes.of(`${key}, ${options.images} images, ${seed}`, async () => {
          dense ??= await trained(net, seed);
          restore(...dense);
          return pruned(dense[0], seed, scope, percent / 100);
        });
        found.set(key, [...(found.get(key) ?? []), value]);
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
const head = ['', 'accuracy %', 'parameters', 'MACs'];
const table = new Table({head, style: {head: [], border: []}});
for (const [key, values] of found) {
  const range = spread(values.map((each) => each.accuracy));
  const left = spread(values.map((each) => each.parameters)).mean;
  const macs = spread(values.map((each) => each.macs)).mean;
  table.push([key, shown(range), left.toFixed(), macs.toFixed()]);
  Object.assign(figures, spreadFigures(key, range), {
    [`${key}, parameters`]: left,
    [`${key}, MACs`]: macs,
  });
}
console.log(`${table}`);
printResult('isomorphic', tf.getBackend(), figures, {});

async function trained(
  name: (typeof NETS)[number],
  seed: number,
): Promise<[LayersModel, DenseModel]> {
  const model: LayersModel = MODELS[name](seed);
  compile(model);
  await model.fitDataset(batches(train, BATCH, seed), {epochs: DENSE_EPOCHS, verbose: 0});
  return [model, await denseModel(model, test)];
}

async function pruned(
  model: LayersModel,
  seed: number,
  scope: ChannelScope,
  channels: number,
): Promise<Outcome> {
  await pruneChannelsNow(model, {channels, scope});
  const small = await shrink(stripPruning(model));
  compile(small);
  await small.fitDataset(batches(train, BATCH, 100 + seed), {epochs: 1, verbose: 0});
  // So few steps leave the moving statistics behind.
  const {xs, ys} = await firstSamples(train, SAMPLES);
  await recalibrateNormalization(small, {x: xs});
  tf.dispose([xs, ys]);
  const outcome = {
    accuracy: Number((100 * (await accuracy(small, test))).toFixed(3)),
    parameters: parameters(small),
    macs: countMacs(small).macs,
  };
  small.dispose();
  return outcome;
}

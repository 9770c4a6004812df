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
import {parameters} from '../examples/mnist/measure';
import {compile} from '../examples/mnist/models';
import {loadData} from './data';
import {firstSamples} from './recalibrated';
import {type Outcome, percentRight, Study, trainDensely} from './study';
import {TrainedOnce} from './trained_once';

const NET_NAMES = ['resnet', 'mobilenet'] as const;
const SCOPES: readonly ChannelScope[] = ['layer', 'global', 'isomorphic'];
const PERCENT = [50, 75];
const BATCH = 64;
const DENSE = {batch: BATCH, epochs: 3};
const SAMPLES = 512;

const options = new Command('npm run bench:isomorphic --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--nets <names...>').choices(NET_NAMES).default([...NET_NAMES]))
  .option('--images <n>', 'to train with, the first of so many', Number, 2000)
  .option('--seeds <n>', 'runs of each', Number, 3)
  .parse()
  .opts<{
    backend?: string;
    nets: Array<(typeof NET_NAMES)[number]>;
    images: number;
    seeds: number;
  }>();
await startBackend(options.backend);

const {train, test} = loadData('mnist', options.images);
test.count = 2000;
const study = new Study('isomorphic', `${options.images} images`);
for (const net of options.nets) {
  for (let seed = 1; seed <= options.seeds; ++seed) {
    const dense = new TrainedOnce(() => trainDensely(net, train, {...DENSE, seed}));
    for (const percent of PERCENT) {
      for (const scope of SCOPES) {
        await study.measure(`${net}, ${percent} %, ${scope}`, seed, async () =>
          pruned(await dense.model(), seed, scope, percent / 100),
        );
      }
    }
    dense.dispose();
  }
}
study.print();

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
    accuracy: await percentRight(small, test),
    parameters: parameters(small),
    MACs: countMacs(small).macs,
  };
  small.dispose();
  return outcome;
}

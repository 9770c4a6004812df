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

import type {LayersModel} from '@tensorflow/tfjs-layers';
import {Command, Option} from 'commander';
import {ClusterWeights, type ClusterWeightsArgs, stripPruning} from 'tfjs-prune';
import {compressed} from 'tfjs-prune/io';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {compile} from '../examples/mnist/models';
import {loadData} from './data';
import {NETS, type Outcome, percentRight, Study, trainDensely} from './study';
import {TrainedOnce} from './trained_once';

const NET_NAMES = ['lenet300', 'lenet5'] as const;
const CLUSTERS = [2, 4, 16];
const WAYS: Readonly<Record<string, Omit<ClusterWeightsArgs, 'clusters'>>> = {
  fixed: {},
  reassigned: {reassign: true},
  'per channel': {perChannel: true},
  'per channel, reassigned': {perChannel: true, reassign: true},
};
const BATCH = 128;
const DENSE = {batch: BATCH, epochs: 6};
const EPOCHS = 2;

const options = new Command('npm run bench:clusters --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--nets <names...>').choices(NET_NAMES).default(NET_NAMES))
  .option('--images <n>', 'to train with, the first of so many', Number, 6000)
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
const study = new Study('clusters', `${options.images} images`);
for (const net of options.nets) {
  const {title, model: name} = NETS[net];
  for (let seed = 1; seed <= options.seeds; ++seed) {
    const dense = new TrainedOnce(() => trainDensely(name, train, {...DENSE, seed}));
    const measure = (way: string, args: ClusterWeightsArgs | null) =>
      study.measure(`${title}, ${way}`, seed, async () =>
        clustered(await dense.model(), seed, args),
      );
    await measure('trained on as it is', null);
    for (const clusters of CLUSTERS) {
      for (const [way, args] of Object.entries(WAYS)) {
        await measure(`${clusters} clusters, ${way}`, {clusters, ...args});
      }
    }
    dense.dispose();
  }
}
study.print();

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
    return {accuracy: await percentRight(model, test), bytes: statSync(path).size};
  } finally {
    rmSync(folder, {recursive: true});
  }
}

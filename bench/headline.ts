/**
 * What pruning gives one model, LeNet-5: bytes to download, time of a prediction on wasm,
 * and accuracy, before and after. Trained for 5 epochs, then pruned in 4 more by
 * `PolynomialDecay`, packed, and run by `sparsify`. README's picture is drawn from it.
 *
 *     npm run bench:headline [-- --sparsity 0.95 --seed 1 --backend wasm]
 */
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel, type LayersModel} from '@tensorflow/tfjs-layers';
import {Command, Option} from 'commander';
import {PolynomialDecay, stripPruning} from 'tfjs-prune';
import {compressed} from 'tfjs-prune/io';
import {sparsify} from 'tfjs-prune/wasm';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {atLeast, atMost, printResult, type Bar} from './result';
import {kernelsNow, use} from './sparse/kernel_sets';
import {race} from './sparse/race';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const PRUNE_EPOCHS = 4;
const PREDICTED = [1, 32];

const options = new Command('npm run bench:headline --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption)
  .option('--sparsity <share>', 'share of zeros', Number, 0.95)
  .option('--seed <n>', 'seed of the initial weights and of shuffling', Number, 1)
  .option('--rounds <n>', 'turns of each prediction', Number, 41)
  .parse()
  .opts<{backend?: string; images: number; sparsity: number; seed: number; rounds: number}>();

await startBackend(options.backend);
const trainedOn = tf.getBackend();
const {train, test} = loadData('mnist', options.images);
const model = MODELS.lenet5(options.seed);
const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
process.on('exit', () => rmSync(folder, {recursive: true}));
const denseFile = join(folder, 'dense');
const prunedFile = join(folder, 'pruned.tfpack');

compile(model);
await model.fitDataset(batches(train, BATCH, options.seed), {epochs: DENSE_EPOCHS, verbose: 0});
const figures: Record<string, number> = {};
figures['accuracy, dense'] = 100 * (await accuracy(model, test));
await model.save(compressed(denseFile, {quantize: {}}));
figures['bytes, dense'] = statSync(join(denseFile, 'weights.bin')).size;

compile(model);
const pruner = new PolynomialDecay({
  initialSparsity: 0.5,
  finalSparsity: options.sparsity,
  beginStep: 0,
  endStep: (PRUNE_EPOCHS - 1) * Math.ceil(train.count / BATCH),
  scope: 'global',
});
await model.fitDataset(batches(train, BATCH, 100 + options.seed), {
  epochs: PRUNE_EPOCHS,
  verbose: 0,
  callbacks: [pruner],
});
await stripPruning(model).save(compressed(prunedFile, {format: 'packed', quantize: 'uint8'}));
figures['bytes, pruned'] = statSync(prunedFile).size;

await import('@tensorflow/tfjs-backend-wasm');
if (!(await tf.setBackend('wasm'))) {
  throw new Error('The wasm backend could not be started.');
}
const stock = kernelsNow();
const shipped = await loadLayersModel(compressed(prunedFile, {format: 'packed'}));
compile(shipped);
figures['accuracy, pruned'] = 100 * (await accuracy(shipped, test));
const dense = await loadLayersModel(compressed(denseFile));
await sparsify(shipped);
const sparse = kernelsNow();
for (const batch of PREDICTED) {
  const x = tf.randomUniform([batch, 28, 28, 1]);
  const predict = (net: LayersModel) => () => {
    tf.tidy(() => (net.predict(x) as tf.Tensor).dataSync());
  };
  const times = race(
    {
      dense: {before: () => use(stock), run: predict(dense)},
      pruned: {before: () => use(sparse), run: predict(shipped)},
    },
    options.rounds,
  );
  figures[`ms, batch ${batch}, dense`] = times.dense.ms;
  figures[`ms, batch ${batch}, pruned`] = times.pruned.ms;
  figures[`times as fast, batch ${batch}`] = times.pruned.times;
  x.dispose();
}

const bars: Record<string, Bar> = {
  'points lost': atMost(figures['accuracy, dense'] - figures['accuracy, pruned'], 0.2),
  'times smaller': atLeast(figures['bytes, dense'] / figures['bytes, pruned'], 50),
  'times as fast, batch 32': atLeast(figures['times as fast, batch 32'], 4),
};
printResult('headline', trainedOn === 'wasm' ? 'wasm' : `${trainedOn}, wasm`, figures, bars);

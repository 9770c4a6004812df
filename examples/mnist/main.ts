/**
 * Trains a model on MNIST, prunes it while fine-tuning, strips the masks, saves
 * it, loads the saved file with the stock loader, and reports.
 */
import {join} from 'node:path';

import {loadLayersModel, type LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {composeCallbacks, sparsityReport, stripPruning} from 'tfjs-prune';
import {fileSystem} from 'tfjs-prune/node';

import {startBackend} from './backend';
import {batches, loadDigits} from './data';
import {accuracy, latency, weightBytes} from './measure';
import {METHODS} from './methods';
import {compile, MODELS} from './models';
import {parseOptions} from './options';
import {progress} from './progress';

const options = parseOptions(process.argv);
const started = Date.now();
console.log(`Backend: ${await startBackend(options.backend)}`);

const train = loadDigits('train', options.samples);
const test = loadDigits('t10k', 10000);
const batchesPerEpoch = Math.ceil(train.count / options.batchSize);
console.log(`MNIST: ${train.count} images to train, ${test.count} to test`);

const model: LayersModel = MODELS[options.model](options.seed);
compile(model);
await model.fitDataset(batches(train, options.batchSize, options.seed), {
  epochs: options.epochs,
  verbose: 0,
  callbacks: composeCallbacks(progress('Dense', options.epochs, batchesPerEpoch, () => 0)),
});
const denseAccuracy = await accuracy(model, test);
const denseFolder = join(options.out, 'dense');
await model.save(fileSystem(denseFolder));

// Compiled again, so that the optimizer's steps, which the schedule follows, start at 0.
compile(model);
const epochs = options.fineTuneEpochs;
const pruner = METHODS[options.method](options, epochs * batchesPerEpoch);
if (epochs > 0) {
  const sparsity = () => ('sparsity' in pruner ? pruner.sparsity : NaN);
  await model.fitDataset(batches(train, options.batchSize, options.seed), {
    epochs,
    verbose: 0,
    callbacks: composeCallbacks(pruner, progress('Prune', epochs, batchesPerEpoch, sparsity)),
  });
} else {
  // One shot: the callback acts when training begins.
  pruner.setModel(model);
  await pruner.onTrainBegin();
  await pruner.onTrainEnd();
}
stripPruning(model);
const prunedAccuracy = await accuracy(model, test);
const prunedFolder = join(options.out, 'pruned');
await model.save(fileSystem(prunedFolder));

const dense = await loadLayersModel(fileSystem(denseFolder));
const reloaded = await loadLayersModel(fileSystem(prunedFolder));
compile(reloaded);
const reloadedAccuracy = await accuracy(reloaded, test);
const [denseMs, prunedMs] = await latency([dense, reloaded], options.batchSize, 20);

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
const before = weightBytes(denseFolder);
const after = weightBytes(prunedFolder);

const PLAIN = {head: [], border: []};
const layers = new Table({
  head: ['Weight', 'Shape', 'Weights', 'Zeros', 'Sparsity'],
  style: PLAIN,
});
const report = await sparsityReport(reloaded);
for (const {name, shape, size, zeros, sparsity} of report.weights) {
  layers.push([name, shape.join(' x '), size, zeros, percent(sparsity)]);
}
layers.push(['all', '', report.size, report.zeros, percent(report.sparsity)]);

const summary = new Table({head: ['', 'Dense', 'Pruned', 'Reloaded'], style: PLAIN});
summary.push(
  ['Test accuracy', percent(denseAccuracy), percent(prunedAccuracy), percent(reloadedAccuracy)],
  ['Weights file', kilobytes(before.raw), kilobytes(after.raw), ''],
  ['Weights file, gzip -9', kilobytes(before.gzip), kilobytes(after.gzip), ''],
  [
    `Time of ${options.batchSize} images`,
    `${denseMs.toFixed(2)} ms`,
    `${prunedMs.toFixed(2)} ms`,
    '',
  ],
);
console.log(`\n${layers}\n${summary}`);
console.log(
  `Saved to ${prunedFolder}: ${(before.gzip / after.gzip).toFixed(1)} times smaller to download. ` +
    `${((Date.now() - started) / 1000).toFixed(0)} s.`,
);

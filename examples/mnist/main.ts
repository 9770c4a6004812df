/**
 * Trains a model on MNIST, prunes it while fine-tuning, strips the masks,
 * shrinks it where whole channels or layers went, saves it, loads the saved file with the
 * stock loader, and reports.
 */
import {statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';
import {
  composeCallbacks,
  distill,
  shrink,
  type ShrinkReport,
  sparsityReport,
  stripPruning,
} from 'tfjs-prune';
import {compressed} from 'tfjs-prune/io';
import {fileSystem} from 'tfjs-prune/node';

import {startBackend} from './backend';
import {channelsAsSvg, channelsAsText} from './channel_map';
import {batches, loadDigits} from './data';
import {accuracy, latency, reload} from './measure';
import {type Method, METHODS} from './methods';
import {compile, MODELS} from './models';
import {parseOptions} from './options';
import {progress} from './progress';
import {sparseTimes} from './sparse_times';
import {
  kilobytes,
  macsTable,
  percent,
  sparseLine,
  summaryTable,
  type Time,
  weightsTable,
} from './report';

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
const denseFolder = join(options.out, 'dense');
await model.save(fileSystem(denseFolder));
const denseAccuracy = await accuracy(model, test);

// Compiled again, so that the optimizer's steps, which the schedule follows, start at 0.
compile(model);
const method: Method = METHODS[options.method];
const epochs = options.fineTuneEpochs;
const pruners = await method.callbacks(options, epochs * batchesPerEpoch, train, model);
if (method.prune) {
  await method.prune(options, train, model);
} else if (epochs > 0) {
  const [pruner] = pruners;
  const sparsity = () => ('sparsity' in pruner ? pruner.sparsity : NaN);
  const digits = batches(train, options.batchSize, options.seed);
  let dataset: Parameters<LayersModel['evaluateDataset']>[0] = digits;
  if (method.isTaught) {
    const teacher = await loadLayersModel(fileSystem(denseFolder));
    const lesson = distill({teacher, temperature: 2, alpha: 0.5});
    model.compile({optimizer: 'adam', loss: lesson.loss, metrics: lesson.metrics});
    dataset = lesson.dataset(dataset);
  }
  await model.fitDataset(dataset, {
    epochs,
    verbose: 0,
    callbacks: composeCallbacks(...pruners, progress('Prune', epochs, batchesPerEpoch, sparsity)),
  });
} else {
  // One shot: the callbacks act when training begins.
  for (const pruner of pruners) {
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await pruner.onTrainEnd();
  }
}
stripPruning(model);
const prunedAccuracy = await accuracy(model, test);

let channels: ShrinkReport | undefined;
const pruned = method.shrinks
  ? await shrink(model, {onReport: (report) => (channels = report)})
  : model;
const prunedFolder = join(options.out, 'pruned');
await pruned.save(fileSystem(prunedFolder));

const saved = [await reload(denseFolder, test), await reload(prunedFolder, test)] as const;
const models = saved.map((each) => each.model);
const times: Time[] = [];
for (const images of [1, options.batchSize]) {
  times.push({images, milliseconds: await latency(models, images, images === 1 ? 100 : 20)});
}

if (channels) {
  const picture = join(options.out, 'channels.svg');
  writeFileSync(picture, channelsAsSvg(channels));
  console.log(`\n${channelsAsText(channels, process.stdout.columns ?? 80)}`);
  console.log(`As a picture: ${picture}`);
  console.log(`Layers left out: ${channels.layers.join(', ') || 'none'}\n${macsTable(models)}`);
} else {
  console.log(`\n${weightsTable(await sparsityReport(models[1]))}`);
}
console.log(summaryTable(saved, [denseAccuracy, prunedAccuracy], times));
if (method.quantize) {
  const file = join(options.out, 'pruned.tfpack');
  const handler = compressed(file, {format: 'packed', quantize: method.quantize});
  await pruned.save(handler);
  const packed = await loadLayersModel(handler);
  compile(packed);
  const share = percent(await accuracy(packed, test));
  console.log(`Packed in ${file}: ${kilobytes(statSync(file).size)}, accuracy ${share}`);
}
const sparse = await sparseTimes(prunedFolder);
if (sparse) {
  console.log(sparseLine(sparse));
}
const [before, after] = saved.map(({bytes}) => bytes.gzip);
console.log(
  `Saved to ${prunedFolder}: ${(before / after).toFixed(1)} times smaller to download. ` +
    `${((Date.now() - started) / 1000).toFixed(0)} s.`,
);

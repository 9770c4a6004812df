/**
 * Time of a prediction before and after half of all channels were removed by
 * `shrink`, and after `foldNormalization` too, the models in turns in one
 * process. Ratios to the dense model are of the process's CPU time, which other
 * work on the machine disturbs less, one a round: given are their median and
 * where the middle half of them lies, and the median of those of wall time.
 *
 *     npm run bench:shrink [-- --backend wasm --rounds 15]
 */
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {
  ChannelPruner,
  countMacs,
  foldNormalization,
  NeuronPruner,
  shrink,
  stripPruning,
} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {parameters} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {clock, subtract, type Time} from './clock';
import {atLeast, median, printResult} from './result';

const BACKENDS = ['wasm', 'tensorflow'] as const;
/** Batch size → the least ratio, and predictions of each model in a round. */
const BATCHES = {1: {limit: 1.7, predictions: 50}, 128: {limit: 2.5, predictions: 1}} as const;
/** Rounds before those that count: tfjs's own code is still being compiled in them. */
const WARM_UP = 3;
const NETS = {lenet5: 'LeNet-5', resnet: 'ResNet', mobilenet: 'MobileNet'} as const;

const options = new Command('npm run bench:shrink --')
  .addOption(new Option('--backend <name>', 'default: both').choices(BACKENDS))
  .option('--rounds <n>', 'ratios to take the median of', Number, 15)
  .parse()
  .opts<{backend?: (typeof BACKENDS)[number]; rounds: number}>();
const backends = options.backend ? [options.backend] : BACKENDS;

const figures: Record<string, number> = {};
const bars: Record<string, ReturnType<typeof atLeast>> = {};
const table = new Table({
  head: ['CPU time, dense / half', ...Object.keys(BATCHES).map((size) => `Batch ${size}`)],
  style: {head: [], border: []},
});
for (const backend of backends) {
  await startBackend(backend);
  for (const [key, name] of Object.entries(NETS)) {
    const dense = MODELS[key as keyof typeof NETS](1);
    const half = await halve(dense);
    const folded = hasNormalization(half) ? [foldNormalization(half)] : [];
    const labels = [`${name} half`, `${name} half, folded`].slice(0, 1 + folded.length);
    const cells = labels.map((): string[] => []);
    for (const [size, {limit, predictions}] of Object.entries(BATCHES)) {
      const rounds = await measure([dense, half, ...folded], Number(size), predictions);
      labels.forEach((label, i) => {
        const ratios = rounds.map((times) => times[0].cpu / times[i + 1].cpu);
        const ratio = median(ratios);
        const [low, high] = middleHalf(ratios).map((value) => value.toFixed(2));
        const wall = median(rounds.map((times) => times[0].wall / times[i + 1].wall));
        const figure = `${label}, ${backend}, batch ${size}`;
        figures[figure] = ratio;
        figures[`${figure}, wall`] = wall;
        bars[figure] = atLeast(ratio, limit);
        const [before, after] = [0, i + 1].map((model) =>
          median(rounds.map((times) => times[model].cpu)).toFixed(2),
        );
        cells[i].push(
          `${before} / ${after} ms = ${ratio.toFixed(2)} (${low} to ${high}), wall ${wall.toFixed(2)}`,
        );
      });
    }
    labels.forEach((label, i) => table.push([`${label}, ${backend}`, ...cells[i]]));
    const macs = countMacs(dense).macs / countMacs(half).macs;
    const size = parameters(dense) / parameters(half);
    console.log(`${name}: ${size.toFixed(2)} x fewer parameters, ${macs.toFixed(2)} x fewer MACs`);
    [dense, half, ...folded].forEach((model) => model.dispose());
  }
}
console.log(`${table}`);
printResult('shrink', backends.join(', '), figures, bars);

/** The model without half of the channels of each layer, and half of the units. */
async function halve(model: LayersModel): Promise<LayersModel> {
  compile(model);
  const args = {initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 0};
  const hasUnits = model.layers.filter((layer) => layer.getClassName() === 'Dense').length > 1;
  for (const Pruner of hasUnits ? [ChannelPruner, NeuronPruner] : [ChannelPruner]) {
    const pruner = new Pruner(args);
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await pruner.onTrainEnd();
  }
  return shrink(stripPruning(model));
}

function hasNormalization(model: LayersModel): boolean {
  return model.layers.some((layer) => layer.getClassName() === 'BatchNormalization');
}

/** The time of a prediction by each of the models, round by round. */
async function measure(
  models: readonly LayersModel[],
  batchSize: number,
  predictions: number,
): Promise<Time[][]> {
  const images = tf.randomUniform([batchSize, 28, 28, 1]);
  const rounds: Time[][] = [];
  for (let round = 0; round < WARM_UP + options.rounds; ++round) {
    const times: Time[] = [];
    for (let turn = 0; turn < models.length; ++turn) {
      // Every other round backwards, so that no model always follows the same one.
      const i = round % 2 ? turn : models.length - 1 - turn;
      const start = clock();
      for (let n = 0; n < predictions; ++n) {
        const output = models[i].predict(images, {batchSize}) as tf.Tensor;
        await output.data();
        output.dispose();
      }
      const {cpu, wall} = subtract(clock(), start);
      times[i] = {cpu: cpu / predictions, wall: wall / predictions};
    }
    rounds.push(times);
  }
  images.dispose();
  return rounds.slice(WARM_UP);
}

/** The first and the third quartile. */
function middleHalf(values: readonly number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  return [sorted[sorted.length >> 2], sorted[(3 * sorted.length) >> 2]];
}

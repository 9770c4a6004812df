/**
 * Accuracy on MNIST with half of all channels and units removed while one epoch
 * of fine-tuning runs, after one epoch of dense training; and, beside it, of the
 * dense model after the same two epochs. Both second epochs end at a learning
 * rate of 0. Every seed is reported.
 *
 *     npm run bench:structured [-- --net lenet5 --seeds 3 --backend tensorflow]
 */
import * as tf from '@tensorflow/tfjs-core';
import {type CustomCallbackArgs, type LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {
  ChannelPruner,
  composeCallbacks,
  countMacs,
  NeuronPruner,
  shrink,
  stripPruning,
} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches, loadDigits} from '../examples/mnist/data';
import {accuracy, parameters} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {atLeast, printResult} from './result';

const BATCH = 128;
const LEARNING_RATE = 0.001;
/** What is pruned, and the accuracy in % that the smaller model must have. */
const NETS = {
  lenet5: {pruners: [ChannelPruner, NeuronPruner], limit: 98.9},
  resnet: {pruners: [ChannelPruner], limit: 98.6},
} as const;
type Net = keyof typeof NETS;

const options = new Command('npm run bench:structured --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--net <name>', 'default: all').choices(Object.keys(NETS)))
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .parse()
  .opts<{backend?: string; net?: Net; seeds: number}>();
await startBackend(options.backend);

const train = loadDigits('train', 60000);
const test = loadDigits('t10k', 10000);
const stepsPerEpoch = Math.ceil(train.count / BATCH);

const figures: Record<string, number> = {};
const bars: Record<string, ReturnType<typeof atLeast>> = {};
const table = new Table({
  head: ['accuracy %', 'dense', 'dense, as many epochs', 'half', 'parameters', 'MACs'],
  style: {head: [], border: []},
});
for (const net of options.net ? [options.net] : (Object.keys(NETS) as Net[])) {
  const rows: number[][] = [];
  for (let seed = 1; seed <= options.seeds; ++seed) {
    const row = await run(net, seed);
    rows.push(row);
    console.log(`${net}, seed ${seed}: ${row.map((value) => value.toFixed(2)).join(', ')}`);
  }
  const mean = (column: number) => rows.reduce((all, row) => all + row[column], 0) / rows.length;
  const [dense, control, half] = [0, 1, 2].map(mean);
  const [, , , parametersLeft, macsLeft] = rows[0];
  const accuracies = [dense, control, half].map((value) => value.toFixed(2));
  table.push([net, ...accuracies, parametersLeft, macsLeft]);
  Object.assign(figures, {
    [`${net} dense`]: dense,
    [`${net} dense, as many epochs`]: control,
    [`${net} half`]: half,
    [`${net} parameters`]: parametersLeft,
    [`${net} MACs`]: macsLeft,
  });
  bars[net] = atLeast(half, NETS[net].limit);
}
console.log(`${table}`);
printResult('structured', tf.getBackend(), figures, bars);

/** Accuracies in %: dense, dense after two epochs, half; and what that half has and costs. */
async function run(net: Net, seed: number): Promise<number[]> {
  const model: LayersModel = MODELS[net](seed);
  const fit = async (part: number, callbacks: Parameters<typeof composeCallbacks>) => {
    compile(model);
    await model.fitDataset(batches(train, BATCH, 100 * part + seed), {
      epochs: 1,
      verbose: 0,
      callbacks: composeCallbacks(...callbacks),
    });
    return 100 * (await accuracy(model, test));
  };
  const denseAccuracy = await fit(0, []);
  const dense = model.getWeights().map((weight) => tf.clone(weight));
  const control = await fit(1, [decay(model)]);
  model.setWeights(dense);
  tf.dispose(dense);
  const args = {
    initialSparsity: 0,
    finalSparsity: 0.5,
    beginStep: 0,
    endStep: Math.ceil(stepsPerEpoch / 2),
    frequency: 10,
  };
  await fit(1, [...NETS[net].pruners.map((Pruner) => new Pruner(args)), decay(model)]);
  const half = await shrink(stripPruning(model));
  const halfAccuracy = 100 * (await accuracy(half, test));
  const result = [denseAccuracy, control, halfAccuracy, parameters(half), countMacs(half).macs];
  [model, half].forEach((each) => each.dispose());
  return result;
}

/** Lowers the learning rate step by step to 0 over an epoch. */
function decay(model: LayersModel): Partial<CustomCallbackArgs> {
  return {
    onBatchBegin: (batch) => {
      const rate = LEARNING_RATE * (1 - batch / stepsPerEpoch);
      Reflect.set(model.optimizer, 'learningRate', rate);
    },
  };
}

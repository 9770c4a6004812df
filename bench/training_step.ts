/**
 * Time of a training step on tfjs-wasm with `replaceSlowKernels` by the same with the
 * import of `tfjs-prune/wasm` alone, in turns in one process, by CPU time.
 *
 *     npm run bench:training_step [-- --rounds 9]
 */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command} from 'commander';
import {replaceSlowKernels} from 'tfjs-prune/wasm';

import {MODELS, type ModelName} from '../examples/mnist/models';
import {clock, subtract} from './clock';
import {atLeast, median, printResult, type Bar} from './result';
import {kernelsNow, use} from './sparse/kernel_sets';

/** Network → its batch, the steps of a turn, and how many times as fast it must be. */
const NETWORKS: ReadonlyArray<{
  net: ModelName;
  name: string;
  batch: number;
  steps: number;
  limit: number;
}> = [
  {net: 'mlp', name: 'LeNet-300-100', batch: 128, steps: 4, limit: 3},
  {net: 'lenet5', name: 'LeNet-5', batch: 64, steps: 2, limit: 2.5},
  {net: 'resnet', name: 'ResNet', batch: 32, steps: 1, limit: 3},
];

const {rounds} = new Command('npm run bench:training_step --')
  .option('--rounds <n>', 'turns of each', Number, 9)
  .parse()
  .opts<{rounds: number}>();

await tf.setBackend('wasm');
const stock = kernelsNow();
replaceSlowKernels();
const sets = {stock, replaced: kernelsNow()};
const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const table = new Table({
  head: ['A step', 'ms, import alone', 'ms, replaceSlowKernels', 'times as fast'],
  style: {head: [], border: []},
});
for (const {net, name, batch, steps, limit} of NETWORKS) {
  const model = MODELS[net](1);
  model.compile({optimizer: 'adam', loss: 'categoricalCrossentropy'});
  const x = tf.randomUniform([batch, 28, 28, 1]);
  const y = tf.oneHot(tf.randomUniform([batch], 0, 10, 'int32'), 10);
  const times = {stock: [] as number[], replaced: [] as number[]};
  // The first round warms up.
  for (let round = 0; round <= rounds; ++round) {
    for (const set of ['stock', 'replaced'] as const) {
      use(sets[set]);
      const start = clock();
      for (let step = 0; step < steps; ++step) {
        await model.trainOnBatch(x, y);
      }
      times[set].push(subtract(clock(), start).cpu / steps);
    }
  }
  Object.values(times).forEach((each) => each.shift());
  const factor = median(times.stock.map((ms, round) => ms / times.replaced[round]));
  const [before, after] = [median(times.stock), median(times.replaced)];
  Object.assign(figures, {[name]: factor, [`${name}, ms`]: after, [`${name}, stock ms`]: before});
  bars[name] = atLeast(factor, limit);
  table.push([name, before.toFixed(2), after.toFixed(2), factor.toFixed(2)]);
  model.dispose();
  tf.dispose([x, y]);
}
console.log(table.toString());
printResult('training_step', tf.getBackend(), figures, bars);

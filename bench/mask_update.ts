/**
 * How the time of a mask update grows with the number of weights N: the median
 * for each N, in turns, and the exponent of the power of N that fits best, of all
 * and of the two largest, in which what every update costs weighs least; and the
 * memory that is kept for a masked weight between updates.
 *
 *     npm run bench:update [-- --backend wasm --rounds 9 --most 1e8]
 */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {PolynomialDecay, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {clock, subtract} from './clock';
import {atMost, median, printResult} from './result';

const WEIGHTS = [1e4, 1e5, 1e6, 1e7, 1e8];
const MOST_EXPONENT = 1.1;
/** Rounds before those that count: tfjs's own code is still being compiled in them. */
const WARM_UP = 2;

const options = new Command('npm run bench:update --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .option('--rounds <n>', 'times to take the median of', Number, 9)
  .option('--most <N>', 'weights of the largest layer', Number, 1e8)
  .parse()
  .opts<{backend?: string; rounds: number; most: number}>();
await startBackend(options.backend);

const models = WEIGHTS.filter((count) => count <= options.most).map((count) => {
  const inputs = Math.round(Math.sqrt(count));
  const layer = tfl.layers.dense({
    units: Math.round(count / inputs),
    inputShape: [inputs],
    useBias: false,
    kernelInitializer: 'zeros',
  });
  const model = tfl.sequential({layers: [layer]});
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  return {count: inputs * Math.round(count / inputs), model, times: [] as number[]};
});
/** Of the largest model, for each of its weights. */
let bytesKept = 0;
for (let round = 0; round < WARM_UP + options.rounds; ++round) {
  for (const {model, times} of models) {
    const {cpu, bytes} = await update(model);
    if (round >= WARM_UP) {
      times.push(cpu);
      bytesKept = bytes;
    }
  }
}

const figures: Record<string, number> = {};
const table = new Table({head: ['weights', 'CPU ms'], style: {head: [], border: []}});
const points = models.map(({count, times}, i) => {
  figures[`${WEIGHTS[i]} weights, ms`] = median(times);
  table.push([count, median(times).toFixed(2)]);
  return [Math.log(count), Math.log(median(times))] as const;
});
const exponent = slope(points);
const lastExponent = slope(points.slice(-2));
figures['exponent'] = exponent;
figures['exponent of the last two'] = lastExponent;
figures['bytes for a masked weight'] = bytesKept;
console.log(
  `${table}\nTime ~ N^${exponent.toFixed(3)}, of the last two N^${lastExponent.toFixed(3)}, ` +
    `${bytesKept.toFixed(2)} bytes a weight kept`,
);
printResult('mask_update', tf.getBackend(), figures, {
  exponent: atMost(exponent, MOST_EXPONENT),
  'exponent of the last two': atMost(lastExponent, MOST_EXPONENT),
});

/** CPU milliseconds of one mask update of new random weights, and the bytes it keeps for each. */
async function update(model: tfl.LayersModel): Promise<{cpu: number; bytes: number}> {
  const [{shape}] = model.getWeights();
  const weight = tf.randomNormal(shape);
  model.setWeights([weight]);
  weight.dispose();
  const pruner = new PolynomialDecay({
    initialSparsity: 0.5,
    finalSparsity: 0.9,
    beginStep: 0,
    endStep: 0,
  });
  pruner.setModel(model);
  const before = tf.memory().numBytes;
  const start = clock();
  await pruner.onTrainBegin();
  // Until a weight can be read, the device may still be at work.
  await tf.tidy(() => tf.slice(model.getWeights()[0], [0, 0], [1, 1])).data();
  const {cpu} = subtract(clock(), start);
  const bytes = (tf.memory().numBytes - before) / tf.util.sizeFromShape(shape);
  await pruner.onTrainEnd();
  stripPruning(model);
  return {cpu, bytes};
}

/** Of the line with the least squared distance to `points`. */
function slope(points: ReadonlyArray<readonly [number, number]>): number {
  const mean = (axis: 0 | 1) => points.reduce((sum, p) => sum + p[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, p) => sum + (p[0] - x) * (p[1] - y), 0);
  return over / points.reduce((sum, p) => sum + (p[0] - x) ** 2, 0);
}

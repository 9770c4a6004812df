/**
 * Time of a prediction of a dense model by the same with 90 % zeros, without half of its
 * channels, which `shrink` removes, and after `foldNormalization` too, the models in
 * turns. Torch-Pruning's models, on one thread, take their turns among them: it is left
 * out where `npm run bench:peers -- --torch` did not install it. Ratios to the dense
 * model of the same library are of CPU time, which other work on the machine disturbs
 * less, one a round: given are their median and where the middle half of them lies, and
 * the median of those of wall time.
 *
 *     npm run bench:shrink [-- --backend wasm --rounds 15]
 */
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {countMacs} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {parameters} from '../examples/mnist/measure';
import {inTurns} from '../examples/mnist/turns';
import {clock, subtract, type Time} from './clock';
import {Peer} from './peers/peer';
import {atLeast, median, middleHalf, printResult} from './result';
import {variants} from './variants';

const BACKENDS = ['wasm', 'tensorflow'] as const;
/** Batch size → the least ratio, and predictions of each model in a round. */
const BATCHES = {1: {limit: 1.7, predictions: 100}, 128: {limit: 2.5, predictions: 1}} as const;
/** Rounds before those that count: tfjs's own code is still being compiled in them. */
const WARM_UP = 3;
const NETS = {lenet5: 'LeNet-5', resnet: 'ResNet', mobilenet: 'MobileNet'} as const;
/** Those that Torch-Pruning is given too. */
const TORCH_NETS: ReadonlyArray<keyof typeof NETS> = ['lenet5', 'resnet'];

/** Makes so many predictions for a batch of images, and says what they took. */
type Predict = (images: tf.Tensor, predictions: number) => Promise<Time>;

const options = new Command('npm run bench:shrink --')
  .addOption(new Option('--backend <name>', 'default: both').choices(BACKENDS))
  .option('--rounds <n>', 'ratios to take the median of', Number, 15)
  .parse()
  .opts<{backend?: (typeof BACKENDS)[number]; rounds: number}>();
const backends = options.backend ? [options.backend] : BACKENDS;
const torch = await Peer.start('pytorch');

const figures: Record<string, number> = {};
const bars: Record<string, ReturnType<typeof atLeast>> = {};
const table = new Table({
  head: ['CPU time, dense / this', ...Object.keys(BATCHES).map((size) => `Batch ${size}`)],
  style: {head: [], border: []},
});
for (const backend of backends) {
  await startBackend(backend);
  for (const [net, name] of Object.entries(NETS) as Array<[keyof typeof NETS, string]>) {
    const models = await variants(net);
    // Each by which turn the first one's time is divided.
    const comparisons = [...models.keys()].slice(1).map((variant, i) => ({
      label: `${name}, ${variant}, ${backend}`,
      limited: variant.startsWith('half'),
      turns: [0, i + 1],
    }));
    const turns = [...models.values()].map(ours);
    if (torch && TORCH_NETS.includes(net)) {
      await torch.ask({op: 'nets', net});
      const label = `${name}, half, ${backend}, Torch-Pruning`;
      comparisons.push({label, limited: false, turns: [turns.length, turns.length + 1]});
      turns.push(theirs(torch, net, false), theirs(torch, net, true));
    }
    const cells = comparisons.map((): string[] => []);
    for (const [size, {limit, predictions}] of Object.entries(BATCHES)) {
      const rounds = await measure(turns, Number(size), predictions);
      comparisons.forEach(({label, limited, turns: [before, after]}, i) => {
        const ratios = rounds.map((times) => times[before].cpu / times[after].cpu);
        const ratio = median(ratios);
        const [low, high] = middleHalf(ratios);
        const wall = median(rounds.map((times) => times[before].wall / times[after].wall));
        const figure = `${label}, batch ${size}`;
        Object.assign(figures, {
          [figure]: ratio,
          [`${figure}, low`]: low,
          [`${figure}, high`]: high,
          [`${figure}, wall`]: wall,
        });
        if (limited) {
          bars[figure] = atLeast(ratio, limit);
        }
        const [from, to] = [before, after].map((turn) =>
          median(rounds.map((times) => times[turn].cpu)).toFixed(2),
        );
        const middle = `${low.toFixed(2)} to ${high.toFixed(2)}`;
        cells[i].push(
          `${from} / ${to} ms = ${ratio.toFixed(2)} (${middle}), wall ${wall.toFixed(2)}`,
        );
      });
    }
    comparisons.forEach(({label}, i) => table.push([label, ...cells[i]]));
    const [dense, half] = [models.get('dense')!, models.get('half')!];
    const macs = countMacs(dense).macs / countMacs(half).macs;
    const size = parameters(dense) / parameters(half);
    console.log(`${name}: ${size.toFixed(2)} x fewer parameters, ${macs.toFixed(2)} x fewer MACs`);
    models.forEach((model) => model.dispose());
  }
}
if (torch) {
  torch.stop();
} else {
  table.push(['half, Torch-Pruning', ...Object.keys(BATCHES).map(() => 'not run')]);
}
console.log(`${table}`);
printResult('shrink', backends.join(', '), figures, bars, torch?.versions);

function ours(model: LayersModel): Predict {
  return async (images, predictions) => {
    const start = clock();
    for (let n = 0; n < predictions; ++n) {
      const output = model.predict(images, {batchSize: images.shape[0]}) as tf.Tensor;
      await output.data();
      output.dispose();
    }
    return subtract(clock(), start);
  };
}

function theirs(server: Peer, net: keyof typeof NETS, half: boolean): Predict {
  return ({shape: [batchSize]}, predictions) =>
    server.ask<Time>({op: 'predict', net, half, batch_size: batchSize, predictions});
}

/** The time of `predictions` by each of the models, round by round. */
async function measure(
  models: readonly Predict[],
  batchSize: number,
  predictions: number,
): Promise<Time[][]> {
  const images = tf.randomUniform([batchSize, 28, 28, 1]);
  const rounds = await inTurns(models.length, WARM_UP + options.rounds, async (i) => {
    const {cpu, wall} = await models[i](images, predictions);
    return {cpu: cpu / predictions, wall: wall / predictions};
  });
  images.dispose();
  return rounds.slice(WARM_UP);
}

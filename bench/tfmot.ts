/**
 * What pruning adds to the time of a batch, here and in TFMOT: `fit` with
 * `PolynomialDecay` against a plain `fit` of the same library, all of them in
 * turns of TURN batches. Ratios are of CPU time, which other work on the machine
 * disturbs less. TFMOT is left out where `npm run bench:peers` did not install it.
 *
 *     npm run bench:tfmot [-- --backend wasm --rounds 5 --models 784-300-100-10]
 */
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {PolynomialDecay} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {clock, subtract} from './clock';
import {mlp} from './mlp';
import {Peer} from './peers/peer';
import {atMost, median, printResult, type Bar} from './result';

const BATCH = 128;
/** Batches of a turn: at a frequency of 100 it has one mask update. */
const TURN = 100;
const MODELS = {
  '784-128-10': [128],
  '784-300-100-10': [300, 100],
  '784-1024-1024-10': [1024, 1024],
} as const;
type ModelName = keyof typeof MODELS;
/** Steps between two mask updates; null is a plain fit. */
const FREQUENCIES = [null, 100, 10, 1] as const;

const options = new Command('npm run bench:tfmot --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--models <names...>').choices(Object.keys(MODELS)))
  .option('--rounds <n>', 'ratios to take the median of', Number, 5)
  .parse()
  .opts<{backend?: string; models?: ModelName[]; rounds: number}>();
await startBackend(options.backend);
const tfmot = await Peer.start('tfmot');
/** The sparsity rises over all steps, so that every update selects anew. */
const endStep = TURN * (options.rounds + 1);
// Schedules that end later than a fit warn at its end.
console.warn = () => {};

const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const table = new Table({
  head: ['CPU time, pruned / plain', 'frequency', 'tfjs-prune', 'TFMOT'],
  style: {head: [], border: []},
});
for (const name of options.models ?? (Object.keys(MODELS) as ModelName[])) {
  const peers = [ours(MODELS[name]), ...(tfmot ? [await theirs(tfmot, MODELS[name])] : [])];
  const rounds: number[][][] = [];
  for (let round = 0; round <= options.rounds; ++round) {
    const times = peers.map((): number[] => []);
    for (let turn = 0; turn < FREQUENCIES.length; ++turn) {
      const i = (round + turn) % FREQUENCIES.length;
      for (const [peer, fit] of peers.entries()) {
        times[peer][i] = await fit(i);
      }
    }
    // The first round warms up.
    if (round > 0) {
      rounds.push(times);
    }
  }
  for (const [i, frequency] of FREQUENCIES.entries()) {
    const cells = ['tfjs-prune', 'TFMOT'].map((peer, p) => {
      if (p >= peers.length) {
        return {ratio: NaN, text: 'not run'};
      }
      const key = `${name}, ${frequency === null ? 'plain ms' : `frequency ${frequency}`}, ${peer}`;
      const values = rounds.map((times) =>
        frequency === null ? times[p][i] / TURN : times[p][i] / times[p][0],
      );
      figures[key] = median(values);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      if (frequency !== null) {
        Object.assign(figures, {[`${key}, least`]: low, [`${key}, most`]: high});
      }
      const text = `${median(values).toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
      return {ratio: median(values), text};
    });
    table.push([name, frequency ?? 'plain, ms', ...cells.map(({text}) => text)]);
    if (frequency !== null && tfmot) {
      bars[`${name}, frequency ${frequency}`] = atMost(cells[0].ratio, cells[1].ratio);
    }
  }
}
tfmot?.stop();
console.log(`${table}`);
printResult('tfmot', tf.getBackend(), figures, bars, tfmot?.versions);

/** Gives the CPU milliseconds of a turn with the frequency of that index. */
type Fit = (frequency: number) => Promise<number>;

function ours(hidden: readonly number[]): Fit {
  const x = tf.randomNormal([TURN * BATCH, 784]);
  const y = tf.oneHot(tf.randomUniform([TURN * BATCH], 0, 10, 'int32'), 10);
  const runs = FREQUENCIES.map((frequency) => {
    const schedule = {initialSparsity: 0.5, finalSparsity: 0.9, beginStep: 0, endStep};
    // With an empty list, tfjs would not yield between batches, as it does in a plain fit.
    const callbacks =
      frequency === null ? undefined : new PolynomialDecay({...schedule, frequency});
    return {model: mlp(hidden), callbacks};
  });
  return async (i) => {
    const {model, callbacks} = runs[i];
    const start = clock();
    await model.fit(x, y, {batchSize: BATCH, verbose: 0, callbacks, shuffle: false});
    return subtract(clock(), start).cpu;
  };
}

async function theirs(server: Peer, hidden: readonly number[]): Promise<Fit> {
  for (const [id, frequency] of FREQUENCIES.entries()) {
    await server.ask({op: 'model', id, inputs: 784, hidden, frequency, end_step: endStep});
  }
  return async (id) =>
    (await server.ask<{cpu: number}>({op: 'fit', id, batches: TURN, batch_size: BATCH})).cpu;
}

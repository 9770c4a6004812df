/**
 * What pruning adds to the time of a batch: `fit` with `PolynomialDecay` against
 * a plain `fit`, in turns of TURN batches in one process. Ratios are of the
 * process's CPU time, which other work on the machine disturbs less; those of wall
 * time stand beside them.
 *
 *     npm run bench:overhead [-- --backend wasm --blocks 5]
 */
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import {Command, Option} from 'commander';
import {PolynomialDecay} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {clock, subtract, type Time} from './clock';
import {mlp} from './mlp';
import {atMost, median, printResult} from './result';

const BATCH = 128;
/** Batches of a model before it is the next one's turn. */
const TURN = 50;
/** Batches of a block, one ratio each: at a frequency of 100 a block has one update. */
const BLOCK = 100;
/** What is measured against a plain `fit`, and the most that it may cost. */
const VARIANTS = [
  {label: 'frequency 100', limit: 1.05, args: {frequency: 100}},
  {label: 'frequency 10', limit: 1.15, args: {frequency: 10}},
  {label: 'frequency 1', limit: 2, args: {frequency: 1}},
  {label: 'gradient, frequency 100', limit: 1.15, args: {criterion: 'gradient'}},
  {label: 'taylor, frequency 100', limit: 1.15, args: {criterion: 'taylor'}},
  {label: 'movement, frequency 100', limit: 1.15, args: {criterion: 'movement'}},
] as const;
const MODELS = {'784-300-100-10': [300, 100], '784-1024-1024-10': [1024, 1024]} as const;
type ModelName = keyof typeof MODELS;

const options = new Command('npm run bench:overhead --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--models <names...>').choices(Object.keys(MODELS)))
  .option('--blocks <n>', 'ratios to take the median of', Number, 5)
  .parse()
  .opts<{backend?: string; models?: ModelName[]; blocks: number}>();
await startBackend(options.backend);
const backend = tf.getBackend();

const figures: Record<string, number> = {};
const bars: Record<string, ReturnType<typeof atMost>> = {};
for (const name of options.models ?? (Object.keys(MODELS) as ModelName[])) {
  await measureModel(name, MODELS[name]);
}
printResult('overhead', backend, figures, bars);

async function measureModel(name: string, hidden: readonly number[]): Promise<void> {
  const x = tf.randomNormal([TURN * BATCH, 784]);
  const y = tf.oneHot(tf.randomUniform([TURN * BATCH], 0, 10, 'int32'), 10);
  const turn = async (model: tfl.LayersModel, callbacks: tfl.Callback[]) => {
    const start = clock();
    await model.fit(x, y, {batchSize: BATCH, verbose: 0, callbacks, shuffle: false});
    return subtract(clock(), start);
  };
  const runs = [null, ...VARIANTS].map((variant) => {
    // The sparsity rises over all steps, so that every update selects anew.
    const endStep = BLOCK * (options.blocks + 1);
    const schedule = {initialSparsity: 0.5, finalSparsity: 0.9, beginStep: 0, endStep};
    const callbacks = variant ? [new PolynomialDecay({...schedule, ...variant.args})] : [];
    return {model: mlp(hidden), callbacks, blocks: [] as Time[]};
  });
  const [plain, ...pruned] = runs;
  // Schedules that end later than the benchmark warn at each turn's end.
  console.warn = () => {};
  for (let block = 0; block <= options.blocks; ++block) {
    runs.forEach(({blocks}) => blocks.push({cpu: 0, wall: 0}));
    for (let done = 0; done < BLOCK; done += TURN) {
      for (let i = 0; i < runs.length; ++i) {
        const {model, callbacks, blocks} = runs[(done / TURN + i) % runs.length];
        blocks[block] = subtract(await turn(model, callbacks), blocks[block], -1);
      }
    }
  }
  // The first block warms up.
  runs.forEach(({blocks}) => blocks.shift());
  figures[`${name} plain ms`] = median(plain.blocks.map(({cpu}) => cpu / BLOCK));
  for (const [i, {label, limit}] of VARIANTS.entries()) {
    const {blocks} = pruned[i];
    const ratios = blocks.map(({cpu}, block) => cpu / plain.blocks[block].cpu);
    const wall = median(blocks.map((time, block) => time.wall / plain.blocks[block].wall));
    const key = `${name} ${label}`;
    figures[key] = median(ratios);
    figures[`${key} wall`] = wall;
    bars[key] = atMost(median(ratios), limit);
    const all = ratios.map((ratio) => ratio.toFixed(3)).join(', ');
    console.log(`${key}: ${median(ratios).toFixed(3)} (${all}), wall ${wall.toFixed(3)}`);
  }
  tf.dispose([x, y]);
}

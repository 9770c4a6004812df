/**
 * Trials an hour with two workers against one, and what a queue costs: MNIST on wasm and
 * tfjs-node, and trials that only sleep, by Redis and PostgreSQL.
 *
 *     npm run bench:workers [-- --only speed queue machines --backends wasm --trials 4]
 */
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {autoPrune, sensitivity} from 'tfjs-prune';
import {workers} from 'tfjs-prune/node';

import {startBackend} from '../examples/mnist/backend';
import {compile, MODELS} from '../examples/mnist/models';
import type {Crew, Executor, Ground, TrialTask} from '../lib/auto/executor';
import {hasPostgres, hasRedis, startPostgres, startRedis} from '../test/workers/setup/servers';
import {atLeast, atMost, median, printResult, type Bar} from './result';
import {EPOCH, machines, queueCosts, SLEEPERS} from './sleepers';

const PARTS = ['speed', 'queue', 'machines'] as const;
const BACKENDS = {tensorflow: 1.6, wasm: 1.8} as const;
/** Images to train with and to measure by: a trial takes some seconds of one core, a measurement half of one. */
const NETS = {
  mlp: {IMAGES: 16000, VALIDATION: 20000},
  lenet5: {IMAGES: 3000, VALIDATION: 2000},
} as const;

const options = new Command('npm run bench:workers --')
  .addOption(new Option('--only <parts...>').choices(PARTS).default([...PARTS]))
  .addOption(new Option('--backends <names...>').choices(Object.keys(BACKENDS)))
  .option('--trials <n>', 'of a round, at each number of workers', Number, 4)
  .option('--rounds <n>', 'of one worker and two in turns', Number, 5)
  .parse()
  .opts<{
    only: Array<(typeof PARTS)[number]>;
    backends?: Array<keyof typeof BACKENDS>;
    trials: number;
    rounds: number;
  }>();

const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};

if (options.only.includes('speed')) {
  // The kernels of wasm, once replaced, tell workers of another backend to replace theirs.
  for (const name of options.backends ?? (['tensorflow', 'wasm'] as const)) {
    await startBackend(name);
    await speedOn(name);
  }
}
if (options.only.includes('queue')) {
  await queues();
}
if (options.only.includes('machines')) {
  await startBackend('wasm');
  await study();
}
const parts = options.only.length < PARTS.length ? `_${options.only.join('_')}` : '';
printResult(`workers${parts}`, 'none', figures, bars);

/** Two workers against one, by trials of a search and by measurements of a scan. */
async function speedOn(backend: keyof typeof BACKENDS): Promise<void> {
  const table = new Table({
    head: ['', '1 worker', '2 workers', 'ratio'],
    style: {head: [], border: []},
  });
  for (const net of ['mlp', 'lenet5'] as const) {
    const counts = Object.entries(NETS[net]).map(([key, value]) => [key, String(value)]);
    Object.assign(process.env, Object.fromEntries(counts));
    // Another query is another module, with as many images as it is to have, on this backend.
    const query = `${net}-${backend}`;
    const {train, validation} = (await import(`./workers_data.mjs?${query}`)) as Data;
    const model = MODELS[net](1);
    compile(model);
    const data = join(import.meta.dirname, 'workers_data.mjs');
    const ground = await groundOf((executor) =>
      autoPrune(model, {train: {...train, epochs: 1}, validation, sparsity: 0.9, executor}),
    );
    const steps = Math.ceil(train.x.shape[0] / train.batchSize);
    const trials = await perHour(ground, data, async (crew) => {
      const seconds = await timeOf(crew, taskOf(0.9, steps), options.trials);
      return options.trials / seconds;
    });
    note(`trials an hour, ${net}, ${backend}`, trials, BACKENDS[backend]);
    const scan = (executor: Executor) => sensitivity(model, validation, {executor});
    const scans = await perHour(await groundOf(scan), data, async (crew) => {
      const start = performance.now();
      const {layers} = await scan({open: async () => leftOpen(crew)});
      const seconds = (performance.now() - start) / 1000;
      return (layers.length * layers[0].points.length) / seconds;
    });
    note(`measurements an hour, ${net}, ${backend}`, scans, BACKENDS[backend]);
    tf.dispose([train.x, train.y, validation.x, validation.y]);
    model.dispose();
    counts.forEach(([key]) => delete process.env[key]);
  }
  console.log(backend);
  console.log(`${table}`);

  function note(what: string, {one, two, ratio}: Speed, limit: number): void {
    table.push([what, one.toFixed(0), two.toFixed(0), ratio.toFixed(2)]);
    figures[`${what}, 1 worker`] = one;
    figures[`${what}, 2 workers`] = two;
    bars[`${what}, 2 workers by 1`] = atLeast(ratio, limit);
  }
}

interface Samples {
  x: tf.Tensor;
  y: tf.Tensor;
  batchSize: number;
}
interface Data {
  train: Samples;
  validation: Samples;
}

/** What a search hands to its executor. */
async function groundOf(search: (executor: Executor) => Promise<unknown>): Promise<Ground> {
  let ground: Ground | undefined;
  const executor: Executor = {
    open: async (given) => {
      ground = given;
      throw new Error('The search was to begin, no more.');
    },
  };
  const error: unknown = await search(executor).catch((reason: unknown) => reason);
  if (ground === undefined) {
    throw error;
  }
  return ground;
}

/** How many an hour by one worker and by two, and the second by the first. */
interface Speed {
  one: number;
  two: number;
  ratio: number;
}

/** One worker and two in turns, so that what disturbs the machine disturbs both; the median. */
async function perHour(
  ground: Ground,
  data: string,
  perSecond: (crew: Crew) => Promise<number>,
): Promise<Speed> {
  const alone = await workers({count: 1, data}).open(ground);
  const both = await workers({count: 2, data}).open(ground);
  const rounds: Array<{one: number; two: number}> = [];
  // The first round warms up.
  for (let round = 0; round <= options.rounds; ++round) {
    const one = 3600 * (await perSecond(alone));
    const two = 3600 * (await perSecond(both));
    rounds.push({one, two});
  }
  await Promise.all([alone.close(), both.close()]);
  const measured = rounds.slice(1);
  return {
    one: median(measured.map(({one}) => one)),
    two: median(measured.map(({two}) => two)),
    ratio: median(measured.map(({one, two}) => two / one)),
  };
}

/** A crew that does not end with the search that it works for. */
function leftOpen(crew: Crew): Crew {
  return {
    size: crew.size,
    run: (tasks, watch) => crew.run(tasks, watch),
    close: async () => {},
  };
}

function taskOf(sparsity: number, steps: number): TrialTask {
  const candidate = {allocation: 'global', scoring: 'magnitude', rise: 0.6} as const;
  return {
    kind: 'trial',
    granularity: 'weight',
    candidate: {...candidate, sparsity, epochs: 1},
    args: {
      initialSparsity: sparsity / 2,
      finalSparsity: sparsity,
      beginStep: 0,
      endStep: Math.floor(0.6 * steps),
      frequency: Math.max(1, Math.floor(steps / 20)),
      scope: 'global',
      minKeep: 0.005,
    },
    seed: 1,
    withWeights: false,
  };
}

/** Seconds that a crew takes for so many of a trial, at once. */
async function timeOf(crew: Crew, task: TrialTask, count: number): Promise<number> {
  const start = performance.now();
  const tasks = Array.from({length: count}, (_, seed) => ({...task, seed}));
  const outcomes = await Promise.all(crew.run(tasks, () => {}).map(({outcome}) => outcome));
  const failed = outcomes.find((outcome) => 'failed' in outcome);
  if (failed) {
    throw new Error(JSON.stringify(failed));
  }
  return (performance.now() - start) / 1000;
}

/** Milliseconds that a trial costs by way of a queue, and what many sleepers make of their time. */
async function queues(): Promise<void> {
  const table = new Table({
    head: ['', 'a trial, ms', ...SLEEPERS.map((count) => `${count} workers, efficiency`)],
    style: {head: [], border: []},
  });
  for (const [name, isThere, start, limit] of [
    ['Redis', hasRedis, startRedis, 50],
    ['PostgreSQL', hasPostgres, startPostgres, 100],
  ] as const) {
    if (!isThere) {
      console.log(`${name} is not installed.`);
      continue;
    }
    const server = await start();
    try {
      const {milliseconds, efficiencies} = await queueCosts(server.url);
      figures[`ms of a trial, ${name}`] = milliseconds;
      bars[`ms of a trial, ${name}`] = atMost(milliseconds, limit);
      SLEEPERS.forEach((count, i) => {
        figures[`efficiency, ${name}, ${count} workers`] = efficiencies[i];
      });
      const key = `efficiency, ${name}, 16 workers`;
      bars[key] = atLeast(figures[key], 0.9);
      table.push([name, milliseconds.toFixed(1), ...efficiencies.map((each) => each.toFixed(3))]);
    } finally {
      await server.stop();
    }
  }
  console.log(`${table}`);
}

/** How much sooner searches end on many machines. */
async function study(): Promise<void> {
  const table = new Table({
    head: ['goal', 'machines', 'epochs that it waits', 'times as fast', 'trials', 'not needed'],
    style: {head: [], border: []},
  });
  for (const {goal, count, seconds, needed, ahead, speedup} of await machines()) {
    table.push([goal, count, (seconds / EPOCH).toFixed(1), speedup.toFixed(2), needed, ahead]);
    figures[`times as fast, ${goal}, ${count} machines`] = speedup;
  }
  console.log(`${table}`);
}

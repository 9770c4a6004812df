/** Trials that only sleep: what queues and searches do where training costs nothing. */
import {setTimeout as sleep} from 'node:timers/promises';

import * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';
import {autoPrune, type AutoPruneArgs} from 'tfjs-prune';

import type {Crew, Executor, LayerTask, Measured, Run, Task} from '../lib/auto/executor';
import {queue} from '../lib/workers/queue/queue';
import {serve} from '../lib/workers/queue/serve';
import {median} from './result';

/** Workers on one machine. */
export const SLEEPERS = [1, 4, 16, 64] as const;
/** Trials for each of them. */
const EACH = 4;
/** Trials that do nothing, one after the other. */
const IDLE = 100;

/** Sleeps for so many seconds; rejects where it is woken by `signal`. */
type Sleep = (seconds: number, signal: AbortSignal) => Promise<unknown>;

const asleep: Sleep = (seconds, signal) => sleep(1000 * seconds, undefined, {signal});

/**
 * Time that passes only while everybody sleeps, so that a search on a hundred machines takes no
 * longer than what it does itself, and always the same.
 */
class Clock {
  /** Seconds. */
  now = 0;
  private readonly sleeping: Array<{end: number; wake: () => void}> = [];
  private quiet = 0;
  private isTicking = false;

  readonly sleep: Sleep = (seconds, signal) =>
    new Promise<void>((resolve, reject) => {
      const sleeper = {end: this.now + seconds, wake: resolve};
      this.sleeping.push(sleeper);
      signal.addEventListener('abort', () => {
        this.sleeping.splice(this.sleeping.indexOf(sleeper), 1);
        this.quiet = 0;
        reject(signal.reason as Error);
      });
      this.tick();
    });

  /** Wakes who has slept long enough, one at a time, once nobody does anything. */
  private tick(): void {
    this.quiet = 0;
    if (this.isTicking) {
      return;
    }
    this.isTicking = true;
    const timer = setInterval(() => {
      if (++this.quiet < QUIET) {
        return;
      }
      this.quiet = 0;
      const end = Math.min(...this.sleeping.map((each) => each.end));
      const first = this.sleeping.findIndex((each) => each.end === end);
      if (first < 0) {
        this.isTicking = false;
        clearInterval(timer);
        return;
      }
      this.now = end;
      this.sleeping.splice(first, 1)[0].wake();
    }, TICK);
  }
}

/** Milliseconds between two looks whether somebody does something, and how many looks are enough. */
const TICK = 5;
const QUIET = 3;

/** A crew of so many that each sleep before they answer. */
function sleepers(
  size: number,
  secondsOf: (task: Task) => number,
  sleep: Sleep,
  measure: (task: Task) => Omit<Measured, 'seconds'> = () => ({metric: 0, sparsity: 0}),
  onDone: (task: Task) => unknown = () => {},
): Crew {
  let free = size;
  const waiting: Array<() => void> = [];
  const begin = (task: Task): Run => {
    const controller = new AbortController();
    const work = async () => {
      if (free === 0) {
        await new Promise<void>((start) => waiting.push(start));
      } else {
        --free;
      }
      const seconds = secondsOf(task);
      try {
        await sleep(seconds, controller.signal);
        onDone(task);
        return {...measure(task), seconds};
      } catch {
        return {failed: 'canceled'};
      } finally {
        const next = waiting.shift();
        if (next) {
          next();
        } else {
          ++free;
        }
      }
    };
    return {outcome: work(), cancel: () => controller.abort()};
  };
  return {size, run: (tasks) => tasks.map(begin), close: async () => {}};
}

const layerTask = (number: number, sparsity: number): LayerTask => ({
  ...{kind: 'layer', granularity: 'weight', layer: `layer ${number}`, sparsity, scoring: {}},
});

/** The milliseconds that a trial of no time takes, and of trials of 1 s the share that is sleep. */
export async function queueCosts(
  url: string,
): Promise<{milliseconds: number; efficiencies: number[]}> {
  const settings = {};
  const secondsOf = (task: Task) => (task.granularity === 'neuron' ? 0 : 1);
  const crewOf = () => sleepers(1000, secondsOf, asleep);
  const efficiencies: number[] = [];
  let milliseconds = NaN;
  for (const count of SLEEPERS) {
    const name = `sleepers-${count}`;
    const serving = await serve({url, name, count, crewOf});
    const crew = await queue({url, name}).open({model: null as never, settings});
    // The first of each worker opens its connections.
    await waitFor(
      crew,
      Array.from({length: count}, (_, i) => idleTask(i, 0.1)),
    );
    if (count === 1) {
      const times: number[] = [];
      for (let i = 0; i < IDLE; ++i) {
        const start = performance.now();
        await waitFor(crew, [idleTask(i, 0.2)]);
        times.push(performance.now() - start);
      }
      milliseconds = median(times);
    }
    const start = performance.now();
    await waitFor(
      crew,
      Array.from({length: EACH * count}, (_, i) => layerTask(i, 0.5)),
    );
    efficiencies.push((1000 * EACH) / (performance.now() - start));
    await Promise.all([crew.close(), serving.close()]);
  }
  return {milliseconds, efficiencies};
}

const idleTask = (number: number, sparsity: number): LayerTask => ({
  ...layerTask(number, sparsity),
  granularity: 'neuron',
});

async function waitFor(crew: Crew, tasks: Task[]): Promise<void> {
  await Promise.all(crew.run(tasks, () => {}).map(({outcome}) => outcome));
}

/** Seconds that an epoch sleeps. */
export const EPOCH = 1;
const MACHINES = [1, 2, 4, 8, 16, 32, 100] as const;
const GOALS: Readonly<Record<string, Partial<AutoPruneArgs>>> = {
  'a drop': {maxDrop: 0.02, budget: {epochs: 36}},
  'a sparsity': {sparsity: 0.9, budget: {epochs: 36}},
};

/** What became of a search on so many machines. */
export interface Study {
  goal: string;
  count: number;
  /** Seconds from the first trial to the end of the search. */
  seconds: number;
  /** Trials that the search asked for, and others. */
  needed: number;
  ahead: number;
  speedup: number;
}

/**
 * Searches whose trials sleep for as long as they have epochs. The metric falls with the density
 * that is gone, less in longer trainings, and differs by the way to prune.
 */
export async function machines(): Promise<Study[]> {
  const model = sequential({
    layers: [
      layers.dense({units: 4, inputShape: [4], name: 'a'}),
      layers.dense({units: 4, name: 'b'}),
    ],
  });
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const samples = {x: tf.ones([8, 4]), y: tf.ones([8, 4]), batchSize: 8};
  const warn = console.warn;
  console.warn = () => {};
  const found: Study[] = [];
  for (const [goal, args] of Object.entries(GOALS)) {
    let alone = NaN;
    for (const count of MACHINES) {
      const clock = new Clock();
      let done = 0;
      const onDone = ({kind}: Task) => (done += Number(kind === 'trial'));
      const executor: Executor = {
        open: async () => sleepers(count, epochsOf, clock.sleep, measure, onDone),
      };
      const before = model.getWeights().map((weight) => tf.clone(weight));
      const {report} = await autoPrune(model, {
        train: {...samples, epochs: 6},
        validation: samples,
        metric: () => 1,
        ...args,
        executor,
      } as AutoPruneArgs);
      const seconds = clock.now;
      model.setWeights(before);
      tf.dispose(before);
      alone = count === 1 ? seconds : alone;
      const needed = report.trials.length;
      const ahead = done - needed;
      found.push({goal, count, seconds, needed, ahead, speedup: alone / seconds});
    }
  }
  console.warn = warn;
  return found;
}

const epochsOf = (task: Task) => (task.kind === 'trial' ? EPOCH * task.candidate.epochs : 0);

function measure(task: Task): Omit<Measured, 'seconds'> {
  if (task.kind === 'layer') {
    return {metric: 1 - 0.02 * task.sparsity, sparsity: task.sparsity};
  }
  const {sparsity, allocation, scoring, rise, epochs} = task.candidate;
  const way =
    ['global', 'sensitivity', 'uniform'].indexOf(allocation) + Number(scoring === 'taylor');
  const halvings = -Math.log2(1 - sparsity);
  const metric = 1 - 0.0004 * halvings ** 2 * (1 + 0.3 * way + rise / 10) * (epochs > 2 ? 0.7 : 1);
  return {metric, sparsity, parameters: Math.round(1e6 * (1 - sparsity))};
}

/**
 * Masks that regrow, on MNIST, with the error at the end of training on the test
 * images; every run is printed.
 *
 * - `surgery`: LeNet-300-100 with 1/68 of the weights, against Sparse VD (Molchanov et
 *   al. 2017), and LeNet-5 with 1/108, against Dynamic Network Surgery (Guo et al.
 *   2016). LeNet-5, trained densely with dropout before, teaches both beside the labels,
 *   and its training counts in the times; `--no-teacher`: by the labels alone. LeNet-5
 *   starts from it.
 * - `rigl`: LeNet-300-100 with 95 % zeros from the first step to the last, against
 *   gradual magnitude pruning for as many steps.
 *
 *     npm run bench:dynamic [-- --only lenet5 --seeds 3 --backend wasm]
 */
import * as tf from '@tensorflow/tfjs-core';
import type {Callback} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {DynamicSparsity, PolynomialDecay, sparsityReport, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {accuracy} from '../examples/mnist/measure';
import type {ModelName} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {REPORTED} from './papers';
import {atLeast, atMost, printResult, spread, type Bar} from './result';
import {denseLeNet5, fit, type Lesson, momentum, student} from './training';

interface Run {
  model: ModelName;
  epochs: number;
  optimizer: () => tf.Optimizer;
  /** How dense LeNet-5 teaches it; LeNet-5 starts from it. */
  lesson?: Omit<Lesson, 'teacher'>;
  /** The callback, made for so many steps in all. */
  pruner: (steps: number, seed: number) => Callback;
}

/** Surgery after that share of the steps, done after 80 % of them. */
const surgery = (finalSparsity: number, begin: number) => (steps: number) =>
  new DynamicSparsity({
    method: 'surgery',
    scope: 'global',
    initialSparsity: 0.5,
    finalSparsity,
    beginStep: Math.round(begin * steps),
    endStep: Math.round(0.5 * steps),
    stopStep: Math.round(0.8 * steps),
    frequency: 50,
  });

const gradual = (scope: 'erk' | 'global') => (steps: number) =>
  new PolynomialDecay({
    scope,
    initialSparsity: 0,
    finalSparsity: 0.95,
    beginStep: 0,
    endStep: Math.round(0.75 * steps),
  });

const adam = (learningRate: number) => () => tf.train.adam(learningRate);

// Surgery by momentum: Adam moves the dense copies of pruned weights, whose gradients
// are small, as far as the others, and what comes back is then left more to chance.
const RUNS = {
  // 266,200 weights and 410 biases: 3,510 of the weights are left, and 1/68 of all.
  lenet300: {
    model: 'mlp',
    epochs: 30,
    optimizer: momentum(0.02),
    lesson: {temperature: 2, alpha: 0.5},
    pruner: surgery(0.986815, 0.06),
  },
  // 430,500 weights and 580 biases: 3,411 of the weights are left, and 1/108 of all.
  lenet5: {
    model: 'lenet5',
    epochs: 30,
    optimizer: momentum(0.01),
    lesson: {temperature: 2, alpha: 0.5},
    pruner: surgery(0.99208, 0),
  },
  // Few connections take a larger learning rate than many.
  'rigl, erk': {
    model: 'mlp',
    epochs: 15,
    optimizer: adam(0.003),
    pruner: (endStep, seed) =>
      new DynamicSparsity({method: 'rigl', scope: 'erk', sparsity: 0.95, endStep, seed}),
  },
  'gradual, erk': {
    model: 'mlp',
    epochs: 15,
    optimizer: adam(0.001),
    pruner: gradual('erk'),
  },
  'gradual, global': {
    model: 'mlp',
    epochs: 15,
    optimizer: adam(0.001),
    pruner: gradual('global'),
  },
} as const satisfies Record<string, Run>;

type Name = keyof typeof RUNS;

const GROUPS: Record<string, Name[]> = {
  lenet300: ['lenet300'],
  lenet5: ['lenet5'],
  rigl: ['rigl, erk', 'gradual, erk', 'gradual, global'],
};

const options = new Command('npm run bench:dynamic --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption)
  .addOption(new Option('--only <group>').choices(Object.keys(GROUPS)))
  .option('--seeds <n>', 'runs of each', Number, 3)
  .option('--no-teacher', 'surgery by the labels alone')
  .parse()
  .opts<{backend?: string; images: number; only?: string; seeds: number; teacher: boolean}>();
console.log(`Backend: ${await startBackend(options.backend)}`);

const {train, test} = loadData('mnist', options.images);

interface Outcome {
  error: number;
  /** Weights, without biases, by those that are left. */
  weights: number;
  /** All parameters by those that are left. */
  parameters: number;
  minutes: number;
  /** Of all threads: half of it is the least time on 2 cores. */
  cpuMinutes: number;
}

async function run(
  {model: name, epochs, optimizer, lesson, pruner}: Run,
  seed: number,
): Promise<Outcome> {
  const started = Date.now();
  const before = process.cpuUsage();
  const isTaught = lesson !== undefined && options.teacher;
  const isStart = lesson !== undefined && name === 'lenet5';
  const dense = isTaught || isStart ? await denseLeNet5(train, seed) : null;
  const model = student(name, dense, seed);
  await fit(model, {
    optimizer: optimizer(),
    train,
    epochs,
    seed,
    lesson: isTaught ? {...lesson, teacher: dense!} : null,
    prune: (steps) => [pruner(steps, seed)],
  });
  dense?.dispose();
  stripPruning(model);
  const error = 100 * (1 - (await accuracy(model, test)));
  const {size, zeros} = await sparsityReport(model);
  const all = model.countParams();
  model.dispose();
  const {user, system} = process.cpuUsage(before);
  return {
    error,
    weights: size / (size - zeros),
    parameters: all / (all - zeros),
    minutes: (Date.now() - started) / 60_000,
    cpuMinutes: (user + system) / 60e6,
  };
}

const names = options.only === undefined ? Object.values(GROUPS).flat() : GROUPS[options.only];
const errors = new Map<Name, number[]>();
const ratios = new Map<Name, Pick<Outcome, 'weights' | 'parameters'>>();
const table = new Table({
  head: ['', 'error % of each seed', 'mean', 'weights', 'all', 'minutes', 'of CPU'],
  style: {head: [], border: []},
});
for (const name of names) {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= options.seeds; ++seed) {
    outcomes.push(await run(RUNS[name], seed));
    console.log(`${name}, seed ${seed}: ${outcomes.at(-1)!.error.toFixed(2)} %`);
  }
  const own = outcomes.map(({error}) => error);
  errors.set(name, own);
  // The seed changes which weights are left, not how many.
  ratios.set(name, outcomes[0]);
  table.push([
    name,
    own.map((error) => error.toFixed(2)).join(', '),
    spread(own).mean.toFixed(2),
    `1/${outcomes[0].weights.toFixed(1)}`,
    `1/${outcomes[0].parameters.toFixed(1)}`,
    Math.max(...outcomes.map(({minutes}) => minutes)).toFixed(1),
    Math.max(...outcomes.map(({cpuMinutes}) => cpuMinutes)).toFixed(1),
  ]);
}
console.log(`${table}`);

const LIMITS: Partial<Record<Name, {error: number; times: number}>> = {
  lenet300: REPORTED.sparseVd300,
  lenet5: REPORTED.surgery5,
};
const bars: Record<string, Bar> = {};
for (const [name, limit] of Object.entries(LIMITS)) {
  const own = errors.get(name as Name);
  if (own) {
    bars[`${name}, mean error`] = atMost(spread(own).mean, limit.error);
    bars[`${name}, largest error`] = atMost(spread(own).most, limit.error);
    bars[`${name}, times fewer parameters`] = atLeast(
      ratios.get(name as Name)!.parameters,
      limit.times,
    );
  }
}
const [rigl, other] = (['rigl, erk', 'gradual, erk'] as const).map((name) => errors.get(name));
if (rigl && other) {
  bars['rigl, mean error'] = atMost(spread(rigl).mean, spread(other).mean);
}
const figures: Record<string, number> = {};
for (const [name, own] of errors) {
  const {weights, parameters} = ratios.get(name)!;
  const {mean, least, most} = spread(own);
  Object.assign(figures, {
    [name]: mean,
    [`${name}, least`]: least,
    [`${name}, most`]: most,
    [`${name}, times fewer weights`]: weights,
    [`${name}, times fewer parameters`]: parameters,
  });
}
printResult('dynamic', tf.getBackend(), figures, bars);

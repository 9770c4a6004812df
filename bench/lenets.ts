/**
 * LeNets on MNIST as sparse and as small as papers make them, with the error in %;
 * every seed is printed, and the mean (least to most) of all.
 *
 * - `lenet300`, `lenet5`: single weights pruned by magnitude, gradually and over all
 *   layers together; and what is loaded back from one packed file with 32 shared values.
 * - `neurons`: of LeNet-5 5 and 10 filters and 16 units are left of 20, 50 and 500, and
 *   32 shared values, as by BC-GHS (Louizos et al. 2017). (It has 76 inputs left of the
 *   dense layer; what is left of two convolutions has 160.)
 *
 * LeNet-5, trained densely with dropout, teaches all of them, LeNet-300-100 too.
 *
 *     npm run bench:lenets [-- --only lenet5 --seeds 3 --backend wasm]
 */
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {ChannelPruner, NeuronPruner, PolynomialDecay, shrink, stripPruning} from 'tfjs-prune';
import {compressed} from 'tfjs-prune/io';

import {startBackend} from '../examples/mnist/backend';
import {accuracy} from '../examples/mnist/measure';
import {compile, type ModelName} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {REPORTED} from './papers';
import {atLeast, atMost, type Bar, printResult, shown, spread} from './result';
import {denseLeNet5, fit, type Lesson, momentum, student} from './training';

interface Net {
  title: string;
  model: ModelName;
  epochs: number;
  optimizer: () => tf.Optimizer;
  lesson: Omit<Lesson, 'teacher'>;
  /** Final sparsities in %. */
  zeros: readonly number[];
}

const NETS: Record<'lenet300' | 'lenet5', Net> = {
  lenet300: {
    title: 'LeNet-300-100',
    model: 'mlp',
    epochs: 20,
    optimizer: momentum(0.05),
    lesson: {temperature: 4, alpha: 0.9},
    zeros: [92, 95, 98],
  },
  // It starts from the dense net.
  lenet5: {
    title: 'LeNet-5',
    model: 'lenet5',
    epochs: 6,
    optimizer: momentum(0.02),
    lesson: {temperature: 2, alpha: 0.5},
    zeros: [92, 98],
  },
};
/** Of the small net that `shrink` makes. */
const TUNE_EPOCHS = 30;
const SHARED = 32;
const NEURONS = 'LeNet-5, 5-10-16 neurons';

/** What a figure is held against; of a file its size is too. */
const LIMITS: Readonly<Record<string, {error: number; times: number; of?: 'file'}>> = {
  'LeNet-300-100, 92 % zeros': REPORTED.han300,
  'LeNet-300-100, 95 % zeros': REPORTED.snip300,
  'LeNet-300-100, 95 % zeros, packed': REPORTED.deepCompression300,
  'LeNet-300-100, 98 % zeros': REPORTED.sparserSnip300,
  'LeNet-5, 92 % zeros': REPORTED.han5,
  'LeNet-5, 92 % zeros, packed': REPORTED.deepCompression5,
  'LeNet-5, 98 % zeros': REPORTED.snip5,
  [`${NEURONS}, packed`]: REPORTED.bcGhs5,
};

const ONLY = ['lenet300', 'lenet5', 'neurons'] as const;
type Only = (typeof ONLY)[number];

const options = new Command('npm run bench:lenets --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption)
  .addOption(new Option('--only <names...>').choices(ONLY).default(ONLY))
  .option('--seeds <n>', 'runs of each', Number, 3)
  .option('--no-teacher', 'single weights by the labels alone')
  .parse()
  .opts<{
    backend?: string;
    images: number;
    only: readonly Only[];
    seeds: number;
    teacher: boolean;
  }>();
await startBackend(options.backend);

const {train, test} = loadData('mnist', options.images);

/** Of one seed. */
interface Outcome {
  /** In %. */
  error: number;
  /** Of what a packed file gives back; its bytes, and those of the dense weights. */
  packed: {error: number; bytes: number; raw: number};
}

const outcomes = new Map<string, Outcome[]>();
for (let seed = 1; seed <= options.seeds; ++seed) {
  const teacher = await denseLeNet5(train, seed);
  for (const only of options.only) {
    if (only === 'neurons') {
      note(NEURONS, seed, await pruneNeurons(teacher, seed));
    } else {
      const net = NETS[only];
      for (const percent of net.zeros) {
        const outcome = await pruneWeights(net, percent / 100, teacher, seed);
        note(`${net.title}, ${percent} % zeros`, seed, outcome);
      }
    }
  }
  teacher.dispose();
}

const figures: Record<string, number> = {};
const head = ['error %', '', 'packed', 'bytes', 'times smaller'];
const table = new Table({head, style: {head: [], border: []}});
for (const [name, runs] of outcomes) {
  const error = spread(runs.map((run) => run.error));
  const packed = spread(runs.map((run) => run.packed.error));
  const bytes = Math.max(...runs.map((run) => run.packed.bytes));
  const times = runs[0].packed.raw / bytes;
  table.push([name, shown(error), shown(packed), bytes, times.toFixed(1)]);
  Object.assign(figures, {
    [name]: error.mean,
    [`${name}, least`]: error.least,
    [`${name}, most`]: error.most,
    [`${name}, packed`]: packed.mean,
    [`${name}, packed, least`]: packed.least,
    [`${name}, packed, most`]: packed.most,
    [`${name}, packed, bytes`]: bytes,
    [`${name}, packed, times smaller`]: times,
  });
}
const bars: Record<string, Bar> = {};
for (const [name, {error, times, of}] of Object.entries(LIMITS)) {
  if (name in figures) {
    bars[name] = atMost(figures[name], error);
    if (of === 'file') {
      bars[`${name}, times smaller`] = atLeast(figures[`${name}, times smaller`], times);
    }
  }
}
console.log(`${table}`);
printResult('lenets', tf.getBackend(), figures, bars);

function note(name: string, seed: number, outcome: Outcome): void {
  outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
  const {error, packed} = outcome;
  const [own, back] = [error, packed.error].map((value) => value.toFixed(2));
  console.log(`${name}, seed ${seed}: ${own} %; packed ${back} %, ${packed.bytes} bytes`);
}

/** When in a training of so many steps weights go. */
function schedule(steps: number) {
  return {initialSparsity: 0, beginStep: 0, endStep: Math.round(0.6 * steps)};
}

async function pruneWeights(
  {model: name, epochs, optimizer, lesson}: Net,
  finalSparsity: number,
  teacher: LayersModel,
  seed: number,
): Promise<Outcome> {
  const model = student(name, teacher, seed);
  await fit(model, {
    optimizer: optimizer(),
    train,
    epochs,
    seed,
    lesson: options.teacher ? {...lesson, teacher} : null,
    prune: (steps) => [new PolynomialDecay({...schedule(steps), finalSparsity, scope: 'global'})],
  });
  const outcome = await judged(stripPruning(model), model.countParams());
  model.dispose();
  return outcome;
}

async function pruneNeurons(teacher: LayersModel, seed: number): Promise<Outcome> {
  const {epochs, optimizer} = NETS.lenet5;
  const lesson = {...NETS.lenet5.lesson, teacher};
  const model = student('lenet5', teacher, seed);
  const [first, second] = model.layers.filter((layer) => layer.getClassName() === 'Conv2D');
  const [hidden] = model.layers.filter((layer) => layer.getClassName() === 'Dense');
  const prune = (steps: number) => [
    new ChannelPruner({
      ...schedule(steps),
      finalSparsity: 0.8,
      layers: {[first.name]: 15 / 20, [second.name]: 40 / 50},
    }),
    new NeuronPruner({...schedule(steps), finalSparsity: 484 / 500, layers: [hidden.name]}),
  ];
  await fit(model, {optimizer: optimizer(), train, epochs, seed, lesson, prune});
  const small = await shrink(stripPruning(model));
  const parameters = model.countParams();
  model.dispose();
  // Few weights take a larger learning rate than many.
  const tune = {optimizer: momentum(0.05)(), train, epochs: TUNE_EPOCHS, seed: 100 + seed, lesson};
  await fit(small, tune);
  const outcome = await judged(small, parameters);
  small.dispose();
  return outcome;
}

/** The figures of `model`, and of what is in a packed file of it; it had so many parameters. */
async function judged(model: LayersModel, parameters: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  try {
    const path = join(folder, 'model.tfpack');
    const handler = compressed(path, {format: 'packed', quantize: {clusters: SHARED}});
    await model.save(handler);
    const loaded = await loadLayersModel(handler);
    const packed = {error: await error(loaded), bytes: statSync(path).size, raw: 4 * parameters};
    loaded.dispose();
    return {error: await error(model), packed};
  } finally {
    rmSync(folder, {recursive: true});
  }
}

async function error(model: LayersModel): Promise<number> {
  compile(model);
  return 100 * (1 - (await accuracy(model, test)));
}

/**
 * What the dense model as a teacher adds to fine-tuning: LeNet-300-100 on MNIST,
 * 5 epochs dense, pruned at once to 98 % by global magnitude, then fine-tuned by
 * the labels alone, or by `distill` too; the mean over seeds.
 *
 * - `all`: 2 epochs of all images. The labels are not learnt by heart, and steps are few.
 * - `few`: 40 epochs of 5000 images. The labels are learnt by heart.
 *
 *     npm run bench:distillation [-- --only few --seeds 3 --backend wasm]
 */
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {distill, pruneNow, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches, loadDigits, type Digits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {atLeast, printResult, type Bar} from './result';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const SPARSITY = 0.98;
/** Of Adam: few connections take a larger one than many. */
const LEARNING_RATE = 0.003;
const SETTINGS = {
  all: {images: 60000, epochs: 2},
  few: {images: 5000, epochs: 40},
} as const;
type Name = keyof typeof SETTINGS;

const options = new Command('npm run bench:distillation --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--only <setting>').choices(Object.keys(SETTINGS)))
  .option('--from <n>', 'first seed', Number, 1)
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .option(
    '--temperatures <t...>',
    'of the teacher',
    (t, all) => [...all, Number(t)],
    [] as number[],
  )
  .option('--alpha <a>', "the teacher's share of the loss", Number, 0.9)
  .parse()
  .opts<{
    backend?: string;
    only?: Name;
    from: number;
    seeds: number;
    temperatures: number[];
    alpha: number;
  }>();
await startBackend(options.backend);

const temperatures = options.temperatures.length > 0 ? options.temperatures : [1, 4];
const names = options.only === undefined ? (['all', 'few'] as const) : [options.only];
const train = loadDigits('train', 60000);
const test = loadDigits('t10k', 10000);
const rows: Record<Name, number[][]> = {all: [], few: []};
for (let seed = options.from; seed < options.from + options.seeds; ++seed) {
  const teacher = MODELS.mlp(seed);
  compile(teacher);
  await teacher.fitDataset(batches(train, BATCH, seed), {epochs: DENSE_EPOCHS, verbose: 0});
  const dense = 100 * (await accuracy(teacher, test));
  for (const name of names) {
    const {images, epochs} = SETTINGS[name];
    const digits = {...train, count: images};
    const row = [dense];
    for (const temperature of [null, ...temperatures]) {
      row.push(await fineTuned(seed, teacher, digits, epochs, temperature));
    }
    rows[name].push(row);
    console.log(`${name}, seed ${seed}: ${row.map((value) => value.toFixed(2)).join(', ')}`);
  }
  teacher.dispose();
}

/** The accuracy in % after fine-tuning; by the labels alone without a temperature. */
async function fineTuned(
  seed: number,
  teacher: ReturnType<typeof MODELS.mlp>,
  digits: Digits,
  epochs: number,
  temperature: number | null,
): Promise<number> {
  const student = MODELS.mlp(seed);
  student.setWeights(teacher.getWeights());
  const order = batches(digits, BATCH, 100 + seed);
  let data: Parameters<typeof student.evaluateDataset>[0] = order;
  const optimizer = tf.train.adam(LEARNING_RATE);
  if (temperature === null) {
    student.compile({optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy']});
  } else {
    const {loss, metrics, dataset} = distill({teacher, temperature, alpha: options.alpha});
    student.compile({optimizer, loss, metrics});
    data = dataset(order);
  }
  await pruneNow(student, {sparsity: SPARSITY, scope: 'global'});
  await student.fitDataset(data, {epochs, verbose: 0});
  stripPruning(student);
  const share = await accuracy(student, test);
  student.dispose();
  return 100 * share;
}

const table = new Table({
  head: ['accuracy %', 'dense', 'by labels', ...temperatures.map((t) => `T = ${t}`)],
  style: {head: [], border: []},
});
const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
for (const name of names) {
  const [first] = rows[name];
  const means = first
    .map((_, i) => rows[name].reduce((sum, row) => sum + row[i], 0))
    .map((sum) => sum / rows[name].length);
  table.push([name, ...means.map((value) => value.toFixed(2))]);
  temperatures.forEach((t, i) => (figures[`${name}_gain_t${t}`] = means[2 + i] - means[1]));
  const most = Math.max(...means.slice(2)) - means[1];
  bars[`${name}, gain`] = atLeast(most, 0);
}
console.log(`${table}`);
printResult('distillation', tf.getBackend(), figures, bars);

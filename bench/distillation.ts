/**
 * What the dense model as a teacher adds to fine-tuning: LeNet-300-100 on MNIST,
 * 5 epochs dense, pruned at once to 98 % by global magnitude, then fine-tuned by
 * the labels alone, or by `distill` too; the mean over seeds.
 *
 * - `all`: 2 epochs of all images. The labels are not learned by heart, and steps are few.
 * - `few`: 40 epochs of 5000 images. The labels are learned by heart.
 *
 *     npm run bench:distillation [-- --only few --seeds 3 --backend wasm]
 */
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {distill, pruneNow, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches, type Digits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {atLeast, printResult, type Bar} from './result';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const SPARSITY = 0.98;
/** The teacher's share of the loss. */
const ALPHA = 0.9;
/** Of Adam: few connections take a larger one than many. */
const LEARNING_RATE = 0.003;
/** The temperatures are those that were best with the seed 11, which is not reported. */
const SETTINGS = {
  all: {images: 60000, epochs: 2, temperature: 1},
  few: {images: 5000, epochs: 40, temperature: 4},
} as const;
type Name = keyof typeof SETTINGS;

const options = new Command('npm run bench:distillation --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption)
  .addOption(new Option('--only <setting>').choices(Object.keys(SETTINGS)))
  .option('--from <n>', 'first seed', Number, 1)
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .parse()
  .opts<{backend?: string; images: number; only?: Name; from: number; seeds: number}>();
await startBackend(options.backend);

const names = options.only === undefined ? (['all', 'few'] as const) : [options.only];
const {train, test} = loadData('mnist', options.images);
const rows: Record<Name, number[][]> = {all: [], few: []};
for (let seed = options.from; seed < options.from + options.seeds; ++seed) {
  const teacher = MODELS.mlp(seed);
  compile(teacher);
  await teacher.fitDataset(batches(train, BATCH, seed), {epochs: DENSE_EPOCHS, verbose: 0});
  const dense = 100 * (await accuracy(teacher, test));
  for (const name of names) {
    const {images, epochs, temperature} = SETTINGS[name];
    const digits = {...train, count: Math.min(images, train.count)};
    const row = [dense];
    for (const each of [null, temperature]) {
      row.push(await fineTuned(seed, teacher, digits, epochs, each));
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
    const {loss, metrics, dataset} = distill({teacher, temperature, alpha: ALPHA});
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
  head: ['accuracy %', 'dense', 'by labels', 'distilled', 'temperature', 'gain'],
  style: {head: [], border: []},
});
const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
for (const name of names) {
  const mean = (i: number) => rows[name].reduce((sum, row) => sum + row[i], 0) / rows[name].length;
  const [dense, labels, distilled] = [0, 1, 2].map(mean);
  const gain = distilled - labels;
  const shown = [dense, labels, distilled].map((value) => value.toFixed(2));
  table.push([name, ...shown, SETTINGS[name].temperature, gain.toFixed(2)]);
  Object.assign(figures, {[`${name}_labels`]: labels, [`${name}_distilled`]: distilled});
  bars[`${name}_gain`] = atLeast(gain, 0);
}
console.log(`${table}`);
printResult('distillation', tf.getBackend(), figures, bars);

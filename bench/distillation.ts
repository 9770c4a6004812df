/**
 * What the dense model as a teacher adds to fine-tuning: LeNet-300-100 on MNIST,
 * 5 epochs dense, pruned at once to 98 % by global magnitude, then 2 epochs by
 * the labels alone, or by `distill` at several temperatures; the mean over seeds.
 *
 *     npm run bench:distillation [-- --backend wasm --seeds 3 --epochs 2]
 */
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {distill, pruneNow, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches, loadDigits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {printResult} from './result';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const SPARSITY = 0.98;
const TEMPERATURES = [1, 2, 4];

const options = new Command('npm run bench:distillation --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .option('--epochs <n>', 'of fine-tuning', Number, 2)
  .option('--alpha <a>', "the teacher's share of the loss", Number, 0.5)
  .parse()
  .opts<{backend?: string; seeds: number; epochs: number; alpha: number}>();
await startBackend(options.backend);

const train = loadDigits('train', 60000);
const test = loadDigits('t10k', 10000);
const rows: number[][] = [];
for (let seed = 1; seed <= options.seeds; ++seed) {
  const teacher = MODELS.mlp(seed);
  compile(teacher);
  await teacher.fitDataset(batches(train, BATCH, seed), {epochs: DENSE_EPOCHS, verbose: 0});
  const row = [100 * (await accuracy(teacher, test))];
  for (const temperature of [null, ...TEMPERATURES]) {
    const student = MODELS.mlp(seed);
    student.setWeights(teacher.getWeights());
    const digits = batches(train, BATCH, 100 + seed);
    let data: Parameters<typeof student.evaluateDataset>[0] = digits;
    if (temperature === null) {
      compile(student);
    } else {
      const {loss, metrics, dataset} = distill({teacher, temperature, alpha: options.alpha});
      student.compile({optimizer: 'adam', loss, metrics});
      data = dataset(digits);
    }
    await pruneNow(student, {sparsity: SPARSITY, scope: 'global'});
    await student.fitDataset(data, {epochs: options.epochs, verbose: 0});
    stripPruning(student);
    row.push(100 * (await accuracy(student, test)));
    student.dispose();
  }
  teacher.dispose();
  rows.push(row);
  console.log(`Seed ${seed}: ${row.map((value) => value.toFixed(2)).join(', ')}`);
}

const means = rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
const [dense, plain, ...taught] = means;
const table = new Table({
  head: ['accuracy %', 'dense', 'by labels', ...TEMPERATURES.map((t) => `distilled, T = ${t}`)],
  style: {head: [], border: []},
});
const gains = taught.map((value) => value - plain);
table.push(
  ['98 % sparse', ...means.map((value) => value.toFixed(2))],
  ['gain', '', '', ...gains.map((value) => value.toFixed(2))],
);
console.log(`${table}`);
const named = TEMPERATURES.map((temperature, i) => [`gain_t${temperature}`, gains[i]]);
printResult('distillation', tf.getBackend(), {dense, plain, ...Object.fromEntries(named)}, {});

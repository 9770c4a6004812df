/**
 * What the dense model as a teacher adds to fine-tuning: LeNet-300-100 on MNIST,
 * 5 epochs dense, pruned at once to 98 % by global magnitude, then 2 epochs by
 * the labels alone or by `distill`; the mean over seeds.
 *
 *     npm run bench:distillation [-- --backend wasm --seeds 3]
 */
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {distill, pruneNow, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches, loadDigits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {atLeast, printResult} from './result';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const FINE_TUNE_EPOCHS = 2;
const SPARSITY = 0.98;

const options = new Command('npm run bench:distillation --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .option('--temperature <t>', 'how soft the labels are', Number, 2)
  .option('--alpha <a>', "the teacher's share of the loss", Number, 0.5)
  .parse()
  .opts<{backend?: string; seeds: number; temperature: number; alpha: number}>();
await startBackend(options.backend);

const train = loadDigits('train', 60000);
const test = loadDigits('t10k', 10000);
const rows: number[][] = [];
for (let seed = 1; seed <= options.seeds; ++seed) {
  const teacher = MODELS.mlp(seed);
  compile(teacher);
  await teacher.fitDataset(batches(train, BATCH, seed), {epochs: DENSE_EPOCHS, verbose: 0});
  const row = [100 * (await accuracy(teacher, test))];
  const {temperature, alpha} = options;
  const {loss, metrics, dataset, dispose} = distill({teacher, temperature, alpha});
  for (const isTaught of [false, true]) {
    const student = MODELS.mlp(seed);
    student.setWeights(teacher.getWeights());
    if (isTaught) {
      student.compile({optimizer: 'adam', loss, metrics});
    } else {
      compile(student);
    }
    await pruneNow(student, {sparsity: SPARSITY, scope: 'global'});
    const digits = batches(train, BATCH, 100 + seed);
    await student.fitDataset(isTaught ? dataset(digits) : digits, {
      epochs: FINE_TUNE_EPOCHS,
      verbose: 0,
    });
    stripPruning(student);
    row.push(100 * (await accuracy(student, test)));
    student.dispose();
  }
  dispose();
  teacher.dispose();
  rows.push(row);
  console.log(`Seed ${seed}: ${row.map((value) => value.toFixed(2)).join(', ')}`);
}

const [dense, plain, taught] = [0, 1, 2].map(
  (column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length,
);
const table = new Table({
  head: ['accuracy %', 'dense', '98 %, by labels', '98 %, distilled', 'gain'],
  style: {head: [], border: []},
});
table.push(['LeNet-300-100', ...[dense, plain, taught, taught - plain].map((v) => v.toFixed(2))]);
console.log(`${table}`);
printResult(
  'distillation',
  tf.getBackend(),
  {dense, plain, taught, gain: taught - plain},
  {
    gain: atLeast(taught - plain, 0),
  },
);

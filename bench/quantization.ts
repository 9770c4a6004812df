/**
 * What weights of few bits cost on MNIST: a model trained densely, then rounded
 * at once, or trained on by `QuantizeAware`, against training on without it for as
 * many epochs; the mean over seeds.
 *
 *     npm run bench:quantization [-- --models mlp lenet5 --bits 4 --seeds 3 --backend wasm]
 */
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {QuantizeAware, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {atMost, printResult, type Bar} from './result';

const BATCH = 128;
const DENSE_EPOCHS = 5;
const EPOCHS = 2;
/** Points of accuracy that rounding may cost. */
const MOST = 0.2;

type Name = 'mlp' | 'lenet5';

const options = new Command('npm run bench:quantization --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(imagesOption)
  .addOption(new Option('--models <names...>').choices(['mlp', 'lenet5']).default(['mlp']))
  .option('--bits <n>', 'of a weight', Number, 4)
  .option('--from <n>', 'first seed', Number, 1)
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .parse()
  .opts<{
    backend?: string;
    images: number;
    models: Name[];
    bits: number;
    from: number;
    seeds: number;
  }>();
await startBackend(options.backend);

const {train, test} = loadData('mnist', options.images);
const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const columns = ['dense', 'trained on', 'rounded', 'QuantizeAware'];
const table = new Table({head: ['accuracy %', ...columns, 'loss'], style: {head: [], border: []}});
for (const name of options.models) {
  const rows: number[][] = [];
  for (let seed = options.from; seed < options.from + options.seeds; ++seed) {
    const model = MODELS[name](seed);
    compile(model);
    await model.fitDataset(batches(train, BATCH, seed), {epochs: DENSE_EPOCHS, verbose: 0});
    const row = [100 * (await accuracy(model, test))];
    const dense = model.getWeights().map((weight) => tf.clone(weight));
    for (const rounds of [false, true]) {
      model.setWeights(dense);
      compile(model);
      const callbacks = rounds ? [new QuantizeAware({dtype: options.bits})] : [];
      if (rounds) {
        // Without a step between: rounded, not trained.
        callbacks[0].setModel(model);
        await callbacks[0].onTrainBegin();
        await callbacks[0].onTrainEnd();
        row.push(100 * (await accuracy(model, test)));
      }
      const order = batches(train, BATCH, 100 + seed);
      await model.fitDataset(order, {epochs: EPOCHS, verbose: 0, callbacks});
      stripPruning(model);
      row.push(100 * (await accuracy(model, test)));
    }
    tf.dispose(dense);
    model.dispose();
    rows.push(row);
    console.log(`${name}, seed ${seed}: ${row.map((value) => value.toFixed(2)).join(', ')}`);
  }
  const means = columns.map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
  const loss = means[1] - means[3];
  table.push([name, ...[...means, loss].map((value) => value.toFixed(2))]);
  columns.forEach((column, i) => (figures[`${name}_${column.replace(' ', '_')}`] = means[i]));
  bars[`${name}_loss`] = atMost(loss, MOST);
}
console.log(`${table}`);
printResult('quantization', tf.getBackend(), figures, bars);

/**
 * Words and dimensions of embeddings, in models that tell spam from other mail: what
 * is left of the accuracy, of the parameters and of the file; the mean over seeds.
 *
 *     npm run bench:text [-- --models conv lstm --seeds 3 --epochs 3 --backend wasm]
 */
import {mkdtempSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {compressed} from 'tfjs-prune/io';

import {startBackend} from '../examples/mnist/backend';
import {loadMails} from '../examples/text/data';
import {type ModelName, MODELS} from '../examples/text/models';
import {
  accuracy,
  bitmap,
  pruneDimensions,
  pruneWords,
  renumber,
  trainDense,
} from '../examples/text/steps';
import {atMost, type Bar, printResult, spread} from './result';

/** Share of the dimensions, and of the words, that go. */
const SHARE = 0.8;
/** Points that a model without them may lose to one that trains on as long. */
const MOST_LOST = 0.5;
/** Share of the parameters that may be left without the dimensions. */
const MOST_LEFT = 0.2;
/** Bytes of the packed file of few words, and of the map of these. */
const MOST_BYTES = 54000;

const options = new Command('npm run bench:text --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(
    new Option('--models <names...>')
      .choices(Object.keys(MODELS))
      .default(['pool', 'conv', 'lstm']),
  )
  .option('--from <n>', 'first seed', Number, 1)
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .option('--epochs <n>', 'to train, and to prune', Number, 3)
  .option('--length <n>', 'words of a mail', Number, 100)
  .parse()
  .opts<{
    backend?: string;
    models: ModelName[];
    from: number;
    seeds: number;
    epochs: number;
    length: number;
  }>();
await startBackend(options.backend);
const {train, test} = loadMails(options.length);
const folder = mkdtempSync(join(tmpdir(), 'text-'));

/** Bytes of a model's file. */
async function bytesOf(model: LayersModel): Promise<number> {
  const file = join(folder, 'model.tfpack');
  await model.save(compressed(file, {format: 'packed', quantize: 'uint8'}));
  return statSync(file).size;
}

const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const columns = ['trained on', 'fewer dimensions', 'fewer words', 'parameters left', 'bytes'];
const table = new Table({head: ['', ...columns], style: {head: [], border: []}});
for (const name of options.models) {
  const rows: number[][] = [];
  for (let seed = options.from; seed < options.from + options.seeds; ++seed) {
    const {epochs, length} = options;
    const training = {train, epochs, seed};
    const model = MODELS[name](length, seed);
    await trainDense(model, training);
    const dense = model.getWeights().map((weight) => tf.clone(weight));
    await trainDense(model, {...training, seed: seed + 100});
    const before = await accuracy(model, test);
    model.setWeights(dense);
    const narrow = await pruneDimensions(model, SHARE, {...training, seed: seed + 100});
    model.setWeights(dense);
    const {model: few, vocabulary} = await pruneWords(model, SHARE, {
      ...training,
      seed: seed + 100,
    });
    const row = [
      100 * before,
      100 * (await accuracy(narrow, test)),
      100 * (await accuracy(few, renumber(test, vocabulary))),
      narrow.countParams() / model.countParams(),
      (await bytesOf(few)) + bitmap(vocabulary).length,
    ];
    rows.push(row);
    console.log(`${name}, seed ${seed}: ${row.map((value) => value.toFixed(2)).join(', ')}`);
    tf.dispose(dense);
    [model, narrow, few].forEach((each) => each.dispose());
  }
  const means = columns.map((_, i) => spread(rows.map((row) => row[i])).mean);
  table.push([name, ...means.map((value) => value.toFixed(2))]);
  columns.forEach((column, i) => (figures[`${name}_${column.replaceAll(' ', '_')}`] = means[i]));
  const [before, narrow, , left, bytes] = means;
  bars[`${name}_lost_with_dimensions`] = atMost(before - narrow, MOST_LOST);
  bars[`${name}_parameters_left`] = atMost(left, MOST_LEFT);
  bars[`${name}_bytes_of_few_words`] = atMost(bytes, MOST_BYTES);
}
console.log(`${table}`);
printResult('text', tf.getBackend(), figures, bars);

/**
 * Trains models that tell spam from other mail, an embedding before a convolution
 * and one before an LSTM, prunes dimensions and words of the embedding, and says what
 * each step gained.
 */
import {mkdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import type {Vocabulary} from 'tfjs-prune';
import {compressed} from 'tfjs-prune/io';

import {startBackend} from '../mnist/backend';
import {loadMails, type Mails} from './data';
import {type ModelName, MODELS} from './models';
import {
  accuracy,
  bitmap,
  pruneDimensions,
  pruneWords,
  renumber,
  trainDense,
  type Training,
} from './steps';

const options = new Command('npm run example:text --')
  .description('Trains models on mails, and prunes words and dimensions of their embeddings.')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(
    new Option('--models <names...>').choices(Object.keys(MODELS)).default(Object.keys(MODELS)),
  )
  .option('--epochs <n>', 'epochs of training, and of each kind of pruning', Number, 4)
  .option('--length <n>', 'number of words to read of a mail', Number, 100)
  .option('--dimensions <share>', 'share of the dimensions to prune', Number, 0.8)
  .option('--words <share>', 'share of the words to prune', Number, 0.8)
  .option('--seed <n>', 'seed of the initial weights', Number, 1)
  .option('--out <folder>', 'folder for the models', 'out/text')
  .parse()
  .opts<{
    backend?: string;
    models: ModelName[];
    epochs: number;
    length: number;
    dimensions: number;
    words: number;
    seed: number;
    out: string;
  }>();
const started = Date.now();
console.log(`Backend: ${await startBackend(options.backend)}`);
const {train, test, words} = loadMails(options.length);
console.log(`${train.labels.length} mails to train, ${test.labels.length} to test`);
mkdirSync(options.out, {recursive: true});

for (const name of options.models) {
  const table = new Table({
    head: ['', 'accuracy', 'parameters', 'packed uint8', 'its accuracy'],
    style: {head: [], border: []},
  });
  /** Saves a model, loads it again, and adds a line to the table. */
  const report = async (label: string, own: LayersModel, mails: Mails, vocabulary?: Vocabulary) => {
    const file = join(options.out, `${name}_${label.replaceAll(' ', '_')}.tfpack`);
    const handler = compressed(file, {format: 'packed', quantize: 'uint8'});
    await own.save(handler);
    const loaded = await loadLayersModel(handler);
    const bits = vocabulary ? bitmap(vocabulary) : new Uint8Array(0);
    if (vocabulary) {
      writeFileSync(`${file}.words.txt`, vocabulary.kept.map((word) => words[word]).join('\n'));
    }
    const shares = [await accuracy(own, mails), await accuracy(loaded, mails)];
    const [before, after] = shares.map((share) => `${(100 * share).toFixed(2)} %`);
    const bytes = (statSync(file).size + bits.length).toLocaleString('en');
    table.push([label, before, own.countParams().toLocaleString('en'), bytes, after]);
    loaded.dispose();
  };
  const training = (title: string, mails: Mails): Training => ({
    train: mails,
    epochs: options.epochs,
    seed: options.seed,
    onEpochEnd: async (epoch, logs) =>
      console.log(`${name}, ${title}, epoch ${epoch + 1}: loss ${logs?.loss.toFixed(4)}`),
  });

  const model = MODELS[name](options.length, options.seed);
  await trainDense(model, training('dense', train));
  await report('dense', model, test);
  const narrow = await pruneDimensions(model, options.dimensions, training('dimensions', train));
  await report('fewer dimensions', narrow, test);
  const {model: small, vocabulary} = await pruneWords(
    narrow,
    options.words,
    training('words', train),
  );
  await report('and fewer words', small, renumber(test, vocabulary), vocabulary);
  console.log(`${table}`);
}
console.log(`Saved in ${options.out}. ${Math.round((Date.now() - started) / 1000)} s.`);

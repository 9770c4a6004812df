/**
 * Data other than digits: mails (an embedding and a convolution), colored pictures (a
 * residual net), and series of sound (convolutions over time). A dense model of each, then
 * from its weights the ways to prune it: single weights while it trains, half of the
 * channels and units, and weights without labels (`pruneNow`, without and with inputs to
 * reconstruct from). Accuracy on other samples; bytes of the packed file; CPU time of a
 * prediction on wasm, sparse and shrunk, by that of the dense model.
 *
 *     npm run bench:datasets [-- --only mails --seeds 1 --backend tensorflow]
 */
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import {type Callback, loadLayersModel, type LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {
  ChannelPruner,
  NeuronPruner,
  PolynomialDecay,
  pruneNow,
  recalibrateNormalization,
  shrink,
  stripPruning,
} from 'tfjs-prune';
import {compressed, type Quantize} from 'tfjs-prune/io';
import {sparsify} from 'tfjs-prune/wasm';

import {startBackend} from '../examples/mnist/backend';
import {mails} from './datasets/mails';
import {pictures} from './datasets/pictures';
import {batches, type Part, type Task} from './datasets/task';
import {vowels} from './datasets/vowels';
import {printResult, shown, spread} from './result';
import {kernelsNow, use} from './sparse/kernel_sets';
import {race} from './sparse/race';

const TASKS = {mails, pictures, vowels} as const;
const ALL = Object.keys(TASKS) as Array<keyof typeof TASKS>;
const SPARSITIES = [0.8, 0.9, 0.95];
/** Of what is packed and run sparsely. */
const SHIPPED = 'global, 90 %';
const HALF = 'half of the channels';
const CALIBRATION = 256;

const options = new Command('npm run bench:datasets --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--only <names...>').choices(ALL).default(ALL))
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .option('--rounds <n>', 'turns of each prediction', Number, 21)
  .parse()
  .opts<{backend?: string; only: typeof ALL; seeds: number; rounds: number}>();

await startBackend(options.backend);
const trainedOn = tf.getBackend();
const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
process.on('exit', () => rmSync(folder, {recursive: true}));

/** Values by task and row, one a seed. */
const rows: Record<string, Record<string, number[]>> = {};
/** What is run on wasm afterwards: the files of the first seed, and an input. */
const runs: Array<{title: string; shape: number[]; files: Record<string, string>}> = [];
for (const name of options.only) {
  const task = TASKS[name]();
  const own: Record<string, number[]> = (rows[task.title] = {});
  for (let seed = 1; seed <= options.seeds; ++seed) {
    const files = await measure(task, seed, (row, value) => (own[row] ??= []).push(value));
    if (seed === 1) {
      runs.push({title: task.title, shape: task.test.x.shape.slice(1), files});
    }
    const latest = Object.entries(own).map(([row, all]) => `${row} ${all.at(-1)!.toFixed(1)}`);
    console.log(`${task.title}, seed ${seed}: ${latest.join('; ')}`);
  }
  tf.dispose([task.train.x, task.train.y, task.test.x, task.test.y]);
}

await import('@tensorflow/tfjs-backend-wasm');
if (!(await tf.setBackend('wasm'))) {
  throw new Error('The wasm backend could not be started.');
}
for (const {title, shape, files} of runs) {
  const stock = kernelsNow();
  const load = (file: string) => loadLayersModel(compressed(file, {format: 'packed'}));
  const models = {
    dense: await load(files.dense),
    sparse: await load(files[SHIPPED]),
    shrunk: await load(files[HALF]),
  };
  await sparsify(models.sparse);
  const sparse = kernelsNow();
  const x = tf.zeros([1, ...shape], models.dense.inputs[0].dtype);
  const runner = (model: LayersModel, kernels: typeof stock) => ({
    before: () => use(kernels),
    run: () => void tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync()),
  });
  const times = race(
    {
      dense: runner(models.dense, stock),
      sparse: runner(models.sparse, sparse),
      shrunk: runner(models.shrunk, stock),
    },
    options.rounds,
  );
  rows[title]['times as fast, sparse'] = [times.sparse.times];
  rows[title]['times as fast, half of the channels'] = [times.shrunk.times];
  use(stock);
}

const titles = Object.keys(rows);
const names = [...new Set(titles.flatMap((title) => Object.keys(rows[title])))];
const table = new Table({head: ['', ...titles], style: {head: [], border: []}});
const figures: Record<string, number> = {};
for (const row of names) {
  const cells = titles.map((title) => {
    const values = rows[title][row];
    if (values === undefined) {
      return '';
    }
    const all = spread(values);
    figures[`${title}, ${row}`] = all.mean;
    if (values.length > 1) {
      Object.assign(figures, {
        [`${title}, ${row}, least`]: all.least,
        [`${title}, ${row}, most`]: all.most,
      });
    }
    return values.length > 1 ? shown(all) : all.mean.toFixed(2);
  });
  table.push([row, ...cells]);
}
console.log(`${table}`);
const backends = trainedOn === 'wasm' ? 'wasm' : `${trainedOn}, wasm`;
printResult('datasets', backends, figures, {});

/** Trains and prunes with one seed. Returns the files of what is run afterwards. */
async function measure(
  task: Task,
  seed: number,
  add: (row: string, value: number) => void,
): Promise<Record<string, string>> {
  const {train, test} = task;
  const model = task.make(seed);
  const files: Record<string, string> = {};
  const pack = async (row: string, packed: LayersModel, quantize: Quantize) => {
    files[row] = join(folder, `${task.title}-${seed}-${Object.keys(files).length}.tfpack`);
    await packed.save(compressed(files[row], {format: 'packed', quantize}));
    add(`kB, ${row}`, statSync(files[row]).size / 1000);
  };
  await fit(model, task, task.epochs, seed);
  add('dense', await accuracy(model, test));
  await pack('dense', model, {});
  const dense = model.getWeights().map((weight) => tf.clone(weight));
  const epochs = Math.ceil(task.epochs / 2);
  const steps = epochs * Math.ceil(train.x.shape[0] / task.batch);
  const when = {initialSparsity: 0, beginStep: 0, endStep: Math.round(0.7 * steps)};
  const again = async (...callbacks: Callback[]) => {
    model.setWeights(dense);
    await fit(model, task, epochs, 100 + seed, ...callbacks);
    return stripPruning(model);
  };
  await again();
  add('dense, trained on', await accuracy(model, test));
  for (const finalSparsity of SPARSITIES) {
    const ways = {
      'by layer': {scope: 'layer'},
      global: {scope: 'global'},
      lamp: {scope: 'global', criterion: 'lamp'},
    } as const;
    for (const [name, way] of Object.entries(ways)) {
      await again(new PolynomialDecay({...when, finalSparsity, ...way}));
      const row = `${name}, ${100 * finalSparsity} %`;
      add(row, await accuracy(model, test));
      if (row === SHIPPED) {
        await pack(row, model, 'uint8');
      }
    }
  }
  const half = {...when, finalSparsity: 0.5};
  await again(...structured(model, half));
  const smaller = await shrink(model);
  add(HALF, await accuracy(smaller, test));
  await pack(HALF, smaller, 'uint8');
  smaller.dispose();
  for (const sparsity of SPARSITIES.slice(0, 2)) {
    const x = tf.slice(train.x, [0], [CALIBRATION]);
    for (const [name, calibration] of [
      ['', undefined],
      [', reconstructed', {x}],
    ] as const) {
      model.setWeights(dense);
      await pruneNow(model, {sparsity, scope: 'global', ...(calibration ? {calibration} : {})});
      stripPruning(model);
      if (hasNormalization(model)) {
        await recalibrateNormalization(model, {x: train.x, batchSize: task.batch});
      }
      add(`no labels, ${100 * sparsity} %${name}`, await accuracy(model, test));
    }
    x.dispose();
  }
  tf.dispose(dense);
  model.dispose();
  return files;
}

/** Prunes the channels of convolutions, and the dimensions of embeddings. */
function structured(
  model: LayersModel,
  args: ConstructorParameters<typeof ChannelPruner>[0],
): Callback[] {
  const embeddings = model.layers.filter((layer) => layer.getClassName() === 'Embedding');
  const layers = embeddings.map(({name}) => name);
  return [
    new ChannelPruner(args),
    ...(layers.length > 0 ? [new NeuronPruner({...args, layers})] : []),
  ];
}

function hasNormalization({layers}: LayersModel): boolean {
  return layers.some((layer) => layer.getClassName() === 'BatchNormalization');
}

/** Trains with a new optimizer, whose steps count from 0. */
async function fit(
  model: LayersModel,
  {train, batch, learningRate, loss}: Task,
  epochs: number,
  seed: number,
  ...callbacks: Callback[]
): Promise<void> {
  model.compile({optimizer: tf.train.adam(learningRate), loss, metrics: ['accuracy']});
  await model.fitDataset(batches(train, batch, seed), {epochs, verbose: 0, callbacks});
}

/** In %. */
async function accuracy(model: LayersModel, {x, y}: Part): Promise<number> {
  const isBinary = y.shape[1] === 1;
  const right = tf.tidy(() => {
    const guess = model.predict(x, {batchSize: 256}) as tf.Tensor;
    const equal = isBinary
      ? tf.equal(tf.greater(guess, 0.5), tf.greater(y, 0.5))
      : tf.equal(tf.argMax(guess, 1), tf.argMax(y, 1));
    return tf.mean(tf.cast(equal, 'float32'));
  });
  const [share] = await right.data();
  right.dispose();
  return 100 * share;
}

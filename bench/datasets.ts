/**
 * Data other than digits: mails (an embedding and a convolution), colored pictures (a
 * residual net), and series of sound (convolutions over time). A dense model of each, then
 * from its weights the ways to prune it: single weights while it trains, half of the
 * channels and units, and weights without labels (`pruneNow`, without and with inputs to
 * reconstruct from). From the same weights TFMOT prunes by layer, and Torch-Pruning
 * removes half of the channels, where `npm run bench:peers -- --torch` installed them.
 * Accuracy on other samples *as trained* and, of weights pruned while a net with batch
 * normalization trains, *recalibrated*; bytes of the packed file; CPU time of a prediction
 * on wasm, sparse and shrunk, by that of the dense model. It remembers what it measured,
 * and the files that it packed, in `out/bench`.
 *
 *     npm run bench:datasets [-- --only mails --seeds 1 --backend tensorflow]
 */
import {mkdirSync, statSync} from 'node:fs';
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
import {parameters} from '../examples/mnist/measure';
import {byTfmot, byTorchPruning} from './datasets/by_peers';
import {mails} from './datasets/mails';
import {pictures} from './datasets/pictures';
import {accuracy, batches, type Task} from './datasets/task';
import {vowels} from './datasets/vowels';
import {Peer} from './peers/peer';
import {Remembered} from './remembered';
import {atLeastPeer, type Bar, printResult, shown, spread, spreadFigures} from './result';
import {kernelsNow, use} from './sparse/kernel_sets';
import {race} from './sparse/race';
import {TrainedOnce} from './trained_once';

const TASKS = {mails, pictures, vowels} as const;
const ALL = Object.keys(TASKS) as Array<keyof typeof TASKS>;
const SPARSITIES = [0.8, 0.9, 0.95];
/** Of what is packed and run sparsely. */
const SHIPPED = 'global, 90 %';
const HALF = 'half of the channels';
const SCOPES = ['by layer', 'global'] as const;
const CALIBRATION = 256;

const options = new Command('npm run bench:datasets --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--only <names...>').choices(ALL).default(ALL))
  .option('--seeds <n>', 'runs to take the mean of', Number, 3)
  .option('--rounds <n>', 'turns of each prediction', Number, 21)
  .parse()
  .opts<{backend?: string; only: typeof ALL; seeds: number; rounds: number}>();

await startBackend(options.backend);
const tfmot = await Peer.start('tfmot');
const torch = await Peer.start('pytorch');
const trainedOn = tf.getBackend();
const folder = join('out', 'bench', 'datasets');
mkdirSync(folder, {recursive: true});

/**
 * Accuracy in % of a way to prune; of some also with normalizations measured anew, the
 * bytes / 1000 of the packed file, and what numbers are left to train.
 */
type Outcome = Record<'accuracy', number> &
  Partial<Record<'recalibrated' | 'kB' | 'parameters', number>>;
const remembered = new Remembered<Outcome>('datasets');
/** Values by task and row, one a seed. */
const rows: Record<string, Record<string, number[]>> = {};
/** What is run on wasm afterwards, and the shape of an input. */
const runs: Array<{title: string; shape: number[]}> = [];
for (const name of options.only) {
  const task = TASKS[name]();
  const {title} = task;
  const own: Record<string, number[]> = (rows[title] = {});
  for (let seed = 1; seed <= options.seeds; ++seed) {
    await measure(task, seed, async (row, run) => {
      const key = `${title}, ${row}, ${trainedOn}, seed ${seed}`;
      for (const [measure, value] of Object.entries(await remembered.of(key, run))) {
        (own[measure === 'accuracy' ? row : `${measure}, ${row}`] ??= []).push(value);
      }
    });
  }
  runs.push({title, shape: task.test.x.shape.slice(1)});
  tf.dispose([task.train.x, task.train.y, task.test.x, task.test.y]);
}
tfmot?.stop();
torch?.stop();

await import('@tensorflow/tfjs-backend-wasm');
if (!(await tf.setBackend('wasm'))) {
  throw new Error('The wasm backend could not be started.');
}
for (const {title, shape} of runs) {
  const stock = kernelsNow();
  const load = (row: string) =>
    loadLayersModel(compressed(fileOf(title, 1, row), {format: 'packed'}));
  const models = {
    dense: await load('dense'),
    sparse: await load(SHIPPED),
    shrunk: await load(HALF),
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
  rows[title][`parameters, ${HALF}`] = [parameters(models.shrunk)];
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
    const key = `${title}, ${row}`;
    Object.assign(figures, values.length > 1 ? spreadFigures(key, all) : {[key]: all.mean});
    return values.length > 1 ? shown(all) : all.mean.toFixed(2);
  });
  table.push([row, ...cells]);
}
console.log(`${table}`);
const bars: Record<string, Bar> = {};
for (const title of titles) {
  const against = (row: string, peer: string) => {
    const {[row]: own, [peer]: theirs} = rows[title];
    if (own !== undefined && theirs !== undefined) {
      bars[`${title}, ${row}`] = atLeastPeer(spread(own).mean, spread(theirs));
    }
  };
  for (const measure of ['', 'recalibrated, ']) {
    for (const sparsity of SPARSITIES.map((each) => `${100 * each} %`)) {
      for (const scope of SCOPES) {
        against(`${measure}${scope}, ${sparsity}`, `${measure}by layer, ${sparsity}, TFMOT`);
      }
    }
  }
  against(HALF, `${HALF}, Torch-Pruning`);
}
const backends = trainedOn === 'wasm' ? 'wasm' : `${trainedOn}, wasm`;
const versions = {...tfmot?.versions, ...torch?.versions};
printResult('datasets', backends, figures, bars, versions);

function fileOf(title: string, seed: number, row: string): string {
  return join(folder, `${title}, ${row}, ${seed}.tfpack`.replace(/[ ,%]+/g, '_'));
}

/** Trains with one seed, and prunes in each way. */
async function measure(
  task: Task,
  seed: number,
  add: (row: string, run: () => Promise<Outcome>) => Promise<void>,
): Promise<void> {
  const {train, test} = task;
  const dense = new TrainedOnce(async () => {
    const model = task.make(seed);
    await fit(model, task, task.epochs, seed);
    return model;
  });
  const packed = async (row: string, model: LayersModel, quantize: Quantize) => {
    const file = fileOf(task.title, seed, row);
    await model.save(compressed(file, {format: 'packed', quantize}));
    return {accuracy: await accuracy(model, test), kB: statSync(file).size / 1000};
  };
  const epochs = Math.ceil(task.epochs / 2);
  const steps = epochs * Math.ceil(train.x.shape[0] / task.batch);
  const when = {initialSparsity: 0, beginStep: 0, endStep: Math.round(0.7 * steps)};
  /** Trained on from the dense weights. */
  const again = async (...callbacks: Callback[]) => {
    const model = await dense.model();
    await fit(model, task, epochs, 100 + seed, ...callbacks);
    return stripPruning(model);
  };
  /**
   * Measures the statistics of its normalizations anew, in batches that are mixed as in
   * training, and says whether there are any.
   */
  const recalibrated = async (model: LayersModel) => {
    const hasAny = model.layers.some((layer) => layer.getClassName() === 'BatchNormalization');
    if (hasAny) {
      await recalibrateNormalization(model, batches(train, task.batch, seed));
    }
    return hasAny;
  };
  await add('dense', async () => packed('dense', await dense.model(), {}));
  await add('dense, trained on', async () => ({accuracy: await accuracy(await again(), test)}));
  for (const finalSparsity of SPARSITIES) {
    const ways = {
      'by layer': {scope: 'layer'},
      global: {scope: 'global'},
      lamp: {scope: 'global', criterion: 'lamp'},
    } as const;
    for (const [name, way] of Object.entries(ways)) {
      const row = `${name}, ${100 * finalSparsity} %`;
      await add(row, async () => {
        const model = await again(new PolynomialDecay({...when, finalSparsity, ...way}));
        const outcome: Outcome =
          row === SHIPPED
            ? await packed(row, model, 'uint8')
            : {accuracy: await accuracy(model, test)};
        if (await recalibrated(model)) {
          outcome.recalibrated = await accuracy(model, test);
        }
        return outcome;
      });
    }
    if (tfmot) {
      await add(`by layer, ${100 * finalSparsity} %, TFMOT`, async () =>
        byTfmot(tfmot, await dense.model(), task, {seed, epochs, ...when, finalSparsity}),
      );
    }
  }
  await add(HALF, async () => {
    const model = await dense.model();
    const half = {...when, finalSparsity: 0.5};
    const smaller = await shrink(await again(...structured(model, half)));
    const outcome = await packed(HALF, smaller, 'uint8');
    smaller.dispose();
    return outcome;
  });
  if (torch) {
    await add(`${HALF}, Torch-Pruning`, async () =>
      byTorchPruning(torch, await dense.model(), task, {seed, epochs}),
    );
  }
  for (const sparsity of SPARSITIES.slice(0, 2)) {
    for (const way of ['', ', reconstructed']) {
      await add(`no labels, ${100 * sparsity} %${way}`, async () => {
        const model = await dense.model();
        // Mixed: some data sets are sorted by class.
        const samples = batches(train, task.batch, seed).take(CALIBRATION / task.batch);
        const calibration = way === '' ? {} : {calibration: samples};
        await pruneNow(model, {sparsity, scope: 'global', ...calibration});
        stripPruning(model);
        await recalibrated(model);
        return {accuracy: await accuracy(model, test)};
      });
    }
  }
  dense.dispose();
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

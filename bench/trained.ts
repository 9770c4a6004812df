/**
 * What to choose for a model that is trained: nsfwjs's MobileNetV2 with zeros or without
 * channels, alone, reconstructed, taught by what the dense model says of the same photos, or
 * both. How often its first class is that of the dense model on other photos, its time on
 * WebAssembly, where `sparsify` skips the zeros, and its bytes in the packed format, with
 * kernels of 8 bits. And its larger GraphModel, with zeros.
 *
 *     npm run bench:trained [-- --backend wasm --crops 6 8 --only weights]
 *     npm run bench:trained -- --resume    # after what an interrupted run has measured
 */
import '@tensorflow/tfjs-backend-wasm';

import {existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {type GraphModel, loadGraphModel} from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import {
  foldNormalization,
  pruneChannelsNow,
  pruneGraph,
  pruneNow,
  shrink,
  stripPruning,
} from 'tfjs-prune';
import {compressed} from 'tfjs-prune/io';
import {sparsify} from 'tfjs-prune/wasm';

import {startBackend} from '../examples/mnist/backend';
import {nsfwjs} from '../examples/transfer/nsfwjs';
import {atLeast, atMost, type Bar, printResult} from './result';
import {race, type Runner} from './sparse/race';
import {loadPhotos} from './trained/photos';

const SIZE = 224;
const BATCH = 7;
/** Of distillation: few, since there is little to learn from. */
const EPOCHS = 3;
const LEARNING_RATE = 1e-4;
const SHARES = {weights: [0.5, 0.7, 0.8, 0.9], channels: [0.25, 0.5]};
const GRAPHS = [
  [0.3, 'layer'],
  [0.5, 'layer'],
  [0.7, 'layer'],
  [0.7, 'global'],
] as const;
const PARTS = ['weights', 'channels', 'graph'] as const;
const FOLDER = join('out', 'bench', 'trained');
const FIGURES = join(FOLDER, 'figures.json');

interface Options {
  backend?: string;
  only?: (typeof PARTS)[number];
  crops: string[];
  rounds: number;
  resume?: boolean;
}

interface Way {
  name: string;
  /** What it is called once it is distilled too. */
  taught: string;
  isSolved: boolean;
}

const WAYS: readonly Way[] = [
  {name: 'alone', taught: 'distilled', isSolved: false},
  {name: 'reconstructed', taught: 'reconstructed and distilled', isSolved: true},
];

const options = new Command('npm run bench:trained --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--only <part>').choices([...PARTS]))
  .option('--crops <n...>', 'of each of 7 photos to calibrate by, and of 7 others', ['4', '8'])
  .option('--rounds <n>', 'turns of each model for its time', Number, 9)
  .option('--resume', 'after what an interrupted run has measured')
  .parse()
  .opts<Options>();
await startBackend(options.backend);
const backend = tf.getBackend();
const parts = options.only ? [options.only] : PARTS;
if (!options.resume) {
  rmSync(FOLDER, {recursive: true, force: true});
}
mkdirSync(FOLDER, {recursive: true});

const photos = loadPhotos(SIZE, options.crops.map(Number));
const calibration = {x: photos.calibration, batchSize: BATCH};
/** What has been measured, kept after each model. */
const figures = measured();
const bars: Record<string, Bar> = {};

const said = await predictionsOf(layersModel);
if (!isMeasured('dense')) {
  await keep('dense', await layersModel());
}
for (const part of ['weights', 'channels'] as const) {
  for (const share of parts.includes(part) ? SHARES[part] : []) {
    for (const way of WAYS) {
      await measure(part, share, way);
    }
  }
}
if (parts.includes('graph')) {
  await measureGraph();
}
await measureTimes();
print();
holdAgainstBars();
printResult('trained', backend, figures, bars);

function measured(): Record<string, number> {
  return existsSync(FIGURES)
    ? (JSON.parse(readFileSync(FIGURES, 'utf8')) as Record<string, number>)
    : {};
}

function isMeasured(name: string): boolean {
  return figures[`${name}, agreement %`] !== undefined;
}

/** Makes a model smaller in one way, and then teaches it. */
async function measure(part: 'weights' | 'channels', share: number, way: Way): Promise<void> {
  const title = `${part} ${100 * share} %`;
  const [name, taught] = [`${title}, ${way.name}`, `${title}, ${way.taught}`];
  if (isMeasured(name) && isMeasured(taught)) {
    return;
  }
  const start = process.cpuUsage();
  const model = await (part === 'weights' ? pruned : smaller)(share, way);
  figures[`${name}, CPU s`] = seconds(start);
  await keep(name, model);
  const later = process.cpuUsage();
  await teach(model);
  figures[`${taught}, CPU s`] = figures[`${name}, CPU s`] + seconds(later);
  await keep(taught, stripPruning(model));
  model.dispose();
}

/** With its normalizations folded into the convolutions: few photos would spoil them in training. */
async function layersModel(): Promise<LayersModel> {
  const model = await loadLayersModel(tf.io.fromMemory(nsfwjs('mobilenet_v2')));
  const folded = foldNormalization(model);
  model.dispose();
  return folded;
}

function seconds(since: NodeJS.CpuUsage): number {
  const {user, system} = process.cpuUsage(since);
  return (user + system) / 1e6;
}

/** With so many zeros in its kernels, which masks hold. */
async function pruned(sparsity: number, way: Way): Promise<LayersModel> {
  const model = await layersModel();
  // Layers of few weights, as those near the input, keep more of them.
  await pruneNow(model, {sparsity, scope: 'erk', ...(way.isSolved ? {calibration} : {})});
  return model;
}

/** Without so many of its channels. */
async function smaller(channels: number, way: Way): Promise<LayersModel> {
  const model = await layersModel();
  await pruneChannelsNow(model, {channels, ...(way.isSolved ? {calibration} : {})});
  stripPruning(model);
  const small = await shrink(model);
  model.dispose();
  return small;
}

/** Trains `model` on what the dense one says of the photos; their labels are not known. */
async function teach(model: LayersModel): Promise<void> {
  const dense = await layersModel();
  const targets = dense.predict(photos.calibration, {batchSize: BATCH}) as tf.Tensor;
  // It is published with its layers frozen.
  model.layers.forEach((layer) => (layer.trainable = true));
  model.compile({optimizer: tf.train.adam(LEARNING_RATE), loss: 'categoricalCrossentropy'});
  await model.fit(photos.calibration, targets, {epochs: EPOCHS, batchSize: BATCH, verbose: 0});
  targets.dispose();
  dense.dispose();
}

/** Packs a model, and measures what is in the file. */
async function keep(name: string, model: LayersModel): Promise<void> {
  const file = fileOf(name);
  await model.save(compressed(file, {format: 'packed', quantize: 'uint8'}));
  figures[`${name}, kB`] = statSync(file).size / 1000;
  const load = async () => loadLayersModel(compressed(file, {format: 'packed'}));
  judge(name, said, await predictionsOf(load));
}

function fileOf(name: string): string {
  return join(FOLDER, `${name.replace(/[ ,%]+/g, '_')}.tfpack`);
}

/** How often the first class is the same, and by how much a probability differs on average. */
function judge(name: string, wanted: number[][], given: number[][]): void {
  const first = (row: number[]) => row.indexOf(Math.max(...row));
  const same = given.filter((row, i) => first(row) === first(wanted[i])).length;
  const gaps = given.flatMap((row, i) => row.map((value, k) => Math.abs(value - wanted[i][k])));
  figures[`${name}, agreement %`] = (100 * same) / given.length;
  figures[`${name}, change`] = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  writeFileSync(FIGURES, JSON.stringify(figures));
  console.log(`${name}: ${figures[`${name}, agreement %`].toFixed(1)} %`);
}

/** What a model says of the photos to judge by. */
async function predictionsOf(load: () => Promise<LayersModel | GraphModel>): Promise<number[][]> {
  const model = await load();
  const rows: number[][] = [];
  for (let i = 0; i < photos.test.shape[0]; i += BATCH) {
    const count = Math.min(BATCH, photos.test.shape[0] - i);
    const output = tf.tidy(() => model.predict(tf.slice(photos.test, i, count)) as tf.Tensor2D);
    rows.push(...(await output.array()));
    output.dispose();
  }
  model.dispose();
  return rows;
}

async function measureGraph(): Promise<void> {
  const artifacts = nsfwjs('mobilenet_v2_mid');
  const load = async (): Promise<GraphModel> => loadGraphModel(tf.io.fromMemory({...artifacts}));
  const wanted = await predictionsOf(load);
  for (const [sparsity, scope] of GRAPHS) {
    for (const {name: way, isSolved} of WAYS) {
      const name = `graph ${100 * sparsity} %${scope === 'global' ? ' global' : ''}, ${way}`;
      if (!isMeasured(name)) {
        const prune = async () => {
          const graph = await load();
          await pruneGraph(graph, {sparsity, scope, ...(isSolved ? {calibration} : {})});
          return graph;
        };
        judge(name, wanted, await predictionsOf(prune));
      }
    }
  }
}

/** Of one photo, on WebAssembly, in turns. Ways that end with the same zeros take as long. */
async function measureTimes(): Promise<void> {
  await tf.setBackend('wasm');
  const x = tf.randomUniform([1, SIZE, SIZE, 3], 0, 1, 'float32', 1);
  const names = Object.keys(figures).flatMap((key) => /^(.*), kB$/.exec(key)?.[1] ?? []);
  const runners: Record<string, Runner> = {};
  for (const name of names.filter((each) => each === 'dense' || each.endsWith(', alone'))) {
    const model = await loadLayersModel(compressed(fileOf(name), {format: 'packed'}));
    await sparsify(model);
    runners[name] = {run: () => tf.dispose(model.predict(x))};
  }
  const times = race(runners, options.rounds);
  for (const name of names) {
    figures[`${name}, ms`] = times[name.replace(/, .*$/, ', alone')].ms;
  }
}

function print(): void {
  const table = new Table({
    head: ['', 'same class %', 'change', 'ms', 'kB', 'CPU s to make'],
    style: {head: [], border: []},
  });
  const cell = (key: string, digits: number) => figures[key]?.toFixed(digits) ?? '';
  const names = Object.keys(figures).flatMap((key) => /^(.*), agreement %$/.exec(key)?.[1] ?? []);
  names.forEach((name) =>
    table.push([
      ...[name, cell(`${name}, agreement %`, 1), cell(`${name}, change`, 4)],
      ...[cell(`${name}, ms`, 1), cell(`${name}, kB`, 0), cell(`${name}, CPU s`, 0)],
    ]),
  );
  console.log(`${table}`);
}

function holdAgainstBars(): void {
  if (parts.includes('graph')) {
    for (const [share, limit] of [
      [30, 92],
      [50, 85],
      [70, 85],
    ] as const) {
      const name = `graph ${share} %, reconstructed, agreement %`;
      bars[name] = atLeast(figures[name], limit);
    }
    const global = 'graph 70 % global, reconstructed, agreement %';
    bars[global] = atLeast(figures[global], figures['graph 70 %, reconstructed, agreement %']);
  }
  if (parts.includes('channels')) {
    const change = (way: string) => figures[`channels 50 %, ${way}, change`];
    bars['channels 50 %, change by that without reconstruction'] = atMost(
      change('reconstructed') / change('alone'),
      1 / 3,
    );
  }
}

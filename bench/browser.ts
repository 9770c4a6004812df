/**
 * Time of a prediction in headless Chromium, on wasm and on WebGL, which has no
 * graphics card there and computes on the processor (SwiftShader): of the dense model
 * by the same with 90 % zeros, with half of its channels removed by `shrink`, after
 * `foldNormalization` too, and that half with 16 shared values in its packed file. The
 * models take turns, and all of them come out of packed files; given are the median of
 * a ratio of wall times for each round, and where the middle half of them lies.
 *
 *     npm run bench:browser [-- --nets lenet5 --rounds 9]
 */
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';

import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command, Option} from 'commander';
import type {Page} from 'playwright-core';
import {compressed, type Quantize} from 'tfjs-prune/io';
import {build, preview} from 'vite';

import {chromiumPath, launch} from '../examples/browser/test/chromium';
import {startBackend} from '../examples/mnist/backend';
import type {Measurement} from './browser/page';
import {atLeast, type Bar, median, middleHalf, printResult} from './result';
import {variants} from './variants';

/** Batch size → the least ratio of half of the channels. */
const BATCHES = {1: 1.7, 128: 2.5} as const;
const BACKENDS = ['wasm', 'webgl'] as const;
/** Predictions of each model in a round: what is short is done often. */
const PREDICTIONS = {wasm: {1: 50, 128: 1}, webgl: {1: 20, 128: 1}} as const;
const NETS = {lenet5: 'LeNet-5', resnet: 'ResNet'} as const;
type Net = keyof typeof NETS;
const ALL = Object.keys(NETS) as Net[];

const options = new Command('npm run bench:browser --')
  .addOption(new Option('--nets <names...>').choices(ALL).default(ALL))
  .option('--rounds <n>', 'ratios to take the median of', Number, 9)
  .parse()
  .opts<{nets: Net[]; rounds: number}>();
if (chromiumPath === undefined) {
  throw new Error('There is no Chromium: CHROME_PATH says where one is.');
}
await startBackend();

const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
const root = resolve('bench', 'browser');
const quiet = {root, configFile: false, logLevel: 'error'} as const;
const dedupe = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'];
const target = {outDir: folder, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 2000};
await build({...quiet, build: target, resolve: {dedupe}});
mkdirSync(join(folder, 'models'));
const server = await preview({...quiet, build: {outDir: folder}, preview: {host: '127.0.0.1'}});
const browser = await launch();
const version = browser.version();
const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const head = ['dense / this', ...Object.keys(BATCHES).map((size) => `batch ${size}`)];
const table = new Table({head, style: {head: [], border: []}});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(600_000);
  await page.goto(server.resolvedUrls!.local[0]);
  await page.waitForFunction(() => 'measure' in window);
  for (const net of options.nets) {
    const files = await store(net);
    for (const backend of BACKENDS) {
      await compare(page, net, backend, files);
    }
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, {recursive: true});
}
console.log(`${table}`);
printResult('browser', BACKENDS.join(', '), figures, bars, {Chromium: version});

/** Saves the models of a net where the page finds them: their names and their addresses. */
async function store(net: Net): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const save = async (name: string, model: LayersModel, quantize: Quantize = {}) => {
    const file = `models/${net}-${files.size}.tfpack`;
    await model.save(compressed(join(folder, file), {format: 'packed', quantize}));
    files.set(name, file);
  };
  const models = await variants(net);
  for (const [name, model] of models) {
    await save(name, model);
  }
  await save('half, 16 shared values', models.get('half')!, {clusters: 16});
  models.forEach((model) => model.dispose());
  return files;
}

/** Measures the models of a net on a backend, and notes their ratios. */
async function compare(
  page: Page,
  net: Net,
  backend: (typeof BACKENDS)[number],
  files: ReadonlyMap<string, string>,
): Promise<void> {
  const names = [...files.keys()].slice(1);
  const cells = names.map((): string[] => []);
  for (const size of [1, 128] as const) {
    const measurement: Measurement = {
      backend,
      files: [...files.values()],
      batchSize: size,
      predictions: PREDICTIONS[backend][size],
      rounds: options.rounds,
    };
    const rounds = await page.evaluate((each) => window.measure(each), measurement);
    for (const [i, name] of names.entries()) {
      const ratios = rounds.map(([dense, ...others]) => dense / others[i]);
      const [low, high] = middleHalf(ratios);
      const key = `${NETS[net]}, ${backend}, ${name}, batch ${size}`;
      const ratio = median(ratios);
      Object.assign(figures, {[key]: ratio, [`${key}, low`]: low, [`${key}, high`]: high});
      if (name === 'half') {
        bars[key] = atLeast(ratio, BATCHES[size]);
      }
      const [before, after] = [0, i + 1].map((model) =>
        median(rounds.map((times) => times[model])).toFixed(2),
      );
      const middle = `${low.toFixed(2)} to ${high.toFixed(2)}`;
      cells[i].push(`${before} / ${after} ms = ${ratio.toFixed(2)} (${middle})`);
    }
  }
  names.forEach((name, i) => table.push([`${NETS[net]}, ${backend}, ${name}`, ...cells[i]]));
}

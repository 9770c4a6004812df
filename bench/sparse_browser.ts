/**
 * Time of a prediction with 90 % zeros in headless Chromium: with `sparsify` by the same on
 * tfjs-wasm alone, in turns in one page, by wall time. Measured with tfjs's build for SIMD,
 * and with the one for SIMD and threads on one thread and on two. Ratios are medians.
 *
 *     npm run bench:sparse_browser [-- --rounds 11 --only MobileNet]
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';

import Table from 'cli-table3';
import {Command} from 'commander';
import {build, preview} from 'vite';

import {chromiumPath, launch} from '../examples/browser/test/chromium';
import type {} from './browser/sparse';
import {median, middleHalf, printResult} from './result';

const SPARSITY = 0.9;
/** Names of the networks in `sparse/networks.ts`, which only the page can load. */
const NETWORKS = [
  'GraphModel MobileNetV1 1/224',
  'LayersModel MobileNetV1 1/224',
  'GraphModel MobileNetV1 0.25/224',
  'ResNet, batch 32',
  'ResNet, batch 1',
  'LeNet-5, batch 32',
  'LeNet-5, batch 1',
  'LeNet-300-100, batch 100',
];
const BUILDS = [
  {title: 'SIMD', threads: 0},
  {title: 'threads: 1', threads: 1},
  {title: 'threads: 2', threads: 2},
];
/** With these the browser lets a page share memory between threads. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** tfjs-wasm takes half of the cores at most, which would be one thread where there are two. */
const claimCores = (count: number) =>
  `Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', {get: () => ${count}})`;

const options = new Command('npm run bench:sparse_browser --')
  .option('--rounds <n>', 'turns of each', Number, 11)
  .option('--only <text>', 'what names of networks contain', '')
  .parse()
  .opts<{rounds: number; only: string}>();
if (chromiumPath === undefined) {
  throw new Error('There is no Chromium: CHROME_PATH says where one is.');
}

const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
const root = resolve('bench', 'browser');
const quiet = {root, configFile: false, logLevel: 'error'} as const;
await build({
  ...quiet,
  build: {
    outDir: folder,
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 4000,
    rollupOptions: {input: join(root, 'sparse.html')},
  },
  resolve: {dedupe: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']},
});
const server = await preview({
  ...quiet,
  build: {outDir: folder},
  preview: {host: '127.0.0.1', headers: ISOLATED},
});
const browser = await launch({webgl: false});
const figures: Record<string, number> = {};
const table = new Table({
  head: ['tfjs-wasm / sparse, ms', ...BUILDS.map(({title}) => title)],
  style: {head: [], border: []},
});
try {
  for (const network of NETWORKS.filter((name) => name.includes(options.only))) {
    const cells: string[] = [];
    for (const {title, threads} of BUILDS) {
      // A backend takes its build when it starts: a page each.
      const page = await browser.newPage();
      page.setDefaultTimeout(600_000);
      await page.addInitScript({content: claimCores(Math.max(2, 2 * threads))});
      await page.goto(`${server.resolvedUrls!.local[0]}sparse.html`);
      await page.waitForFunction(() => 'measureSparse' in window);
      const rounds = await page.evaluate((each) => window.measureSparse(each), {
        network,
        threads,
        sparsity: SPARSITY,
        rounds: options.rounds,
      });
      await page.close();
      const ratios = rounds.map(([dense, sparse]) => dense / sparse);
      const [dense, sparse] = [0, 1].map((i) => median(rounds.map((times) => times[i])));
      const [low, high] = middleHalf(ratios);
      const key = `${network}, ${title}`;
      figures[key] = median(ratios);
      Object.assign(figures, {[`${key}, low`]: low, [`${key}, high`]: high});
      Object.assign(figures, {[`${key}, dense ms`]: dense, [`${key}, sparse ms`]: sparse});
      cells.push(`${dense.toFixed(2)} / ${sparse.toFixed(2)} = ${median(ratios).toFixed(2)}`);
    }
    table.push([network, ...cells]);
  }
} finally {
  const version = browser.version();
  await browser.close();
  await server.close();
  rmSync(folder, {recursive: true});
  console.log(`${table}`);
  printResult('sparse_browser', 'wasm', figures, {}, {Chromium: version});
}

import {readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {createContext, runInContext} from 'node:vm';

import {IMPORTED, OPTIONS, REQUIRED, ZEROS} from './fit';
import {Consumer} from './install';

const BOTH = `${IMPORTED}
import {compressed} from 'tfjs-prune/io';
import 'tfjs-prune/wasm';
globalThis.done = fit().then((zeros) => [zeros, typeof compressed]);`;

describe('bundlers', () => {
  let consumer: Consumer;
  beforeAll(() => {
    const webpack = ['webpack@5.113.0', 'webpack-cli@7.3.1'];
    consumer = new Consumer(['vite@8.4.0', 'esbuild@0.27.7', 'bun@1.4.5', ...webpack]);
    consumer.write({
      'app.mjs': BOTH,
      'mixed.js': `${REQUIRED}
        globalThis.done = fit().then((zeros) => [zeros, typeof require('tfjs-prune/io').compressed]);
        globalThis.other = require('./app.mjs');`,
      'with_worker.mjs': `new Worker(new URL('./app.mjs', import.meta.url), {type: 'module'});`,
    });
  });
  afterAll(() => consumer.remove());

  /** What the bundle of a browser comes to, in a page without anything of Node. */
  async function runBundle(path: string): Promise<unknown> {
    const context = createContext({
      console,
      performance,
      setTimeout,
      requestAnimationFrame: setImmediate,
      TextEncoder,
      addEventListener() {},
      document: {baseURI: 'http://localhost/', getElementsByTagName: () => []},
      location: {href: 'http://localhost/'},
    });
    runInContext('var self = globalThis, window = self;', context);
    runInContext(readFileSync(join(consumer.folder, path), 'utf8'), context);
    return [...((await runInContext('done', context)) as unknown[])];
  }

  const copies = (path: string) =>
    readFileSync(join(consumer.folder, path), 'utf8').match(/: expected \$\{\w+\}, but got/g)!
      .length;

  it('esbuild bundles it for browsers', async () => {
    const options = ['--bundle', '--platform=browser', '--outfile=esbuild.js'];
    consumer.tool('esbuild', 'app.mjs', ...options);
    expect(await runBundle('esbuild.js')).toEqual([ZEROS, 'function']);
  });

  it('esbuild bundles the code of options, too', async () => {
    consumer.write({'options.mjs': BOTH.replace('fit()', `fit(${OPTIONS})`)});
    const options = ['--bundle', '--platform=browser', '--outfile=options.js'];
    consumer.tool('esbuild', 'options.mjs', ...options);
    expect(await runBundle('options.js')).toEqual([ZEROS, 'function']);
  });

  it('Vite splits the code of options off', () => {
    consumer.write({
      'split.html': '<script type="module" src="/split.mjs"></script>',
      'split.mjs': `${IMPORTED}\nglobalThis.fit = fit;`,
      'split.config.mjs': `export default {build: {rollupOptions: {input: 'split.html'}}}`,
    });
    consumer.tool('vite', 'build', '--config', 'split.config.mjs', '--outDir', 'split');
    const assets = readdirSync(join(consumer.folder, 'split/assets'));
    for (const name of ['patterns', 'prunable', 'scope', 'scorer', 'warnings']) {
      expect(assets.filter((asset) => asset.startsWith(name))).toHaveLength(1);
    }
  });

  it('esbuild bundles one copy of it for what imports and requires it', async () => {
    consumer.tool('esbuild', 'mixed.js', '--bundle', '--platform=browser', '--outfile=mixed_es.js');
    expect(await runBundle('mixed_es.js')).toEqual([ZEROS, 'function']);
    expect(copies('mixed_es.js')).toBe(1);
  });

  it('esbuild bundles it for Node', () => {
    // Without tfjs: esbuild drops the import that registers its backend.
    const options = [
      '--bundle',
      '--platform=node',
      '--external:@tensorflow/*',
      '--outfile=node.cjs',
    ];
    consumer.write({'server.mjs': `${IMPORTED}\nfit().then(console.log);`});
    consumer.tool('esbuild', 'server.mjs', ...options);
    expect(consumer.node('node.cjs')).toBe(`${ZEROS}\n`);
  });

  it.each(['app.mjs', 'mixed.js'])('webpack bundles %s', async (entry) => {
    const options = ['--mode', 'production', '--no-devtool', '--output-public-path', '/'];
    const output = `webpack_${entry}`.replace('.mjs', '_mjs');
    consumer.tool('webpack', ...options, '--entry', `./${entry}`, '-o', output);
    expect(await runBundle(join(output, 'main.js'))).toEqual([ZEROS, 'function']);
    expect(copies(join(output, 'main.js'))).toBe(1);
  });

  it('Vite bundles a page and a worker', async () => {
    const html = (script: string) => `<script type="module" src="/${script}"></script>`;
    consumer.write({
      'index.html': html('with_worker.mjs'),
      'vite.config.mjs': `export default {worker: {rollupOptions: {output: {inlineDynamicImports: true}}}}`,
    });
    consumer.tool('vite', 'build', '--outDir', 'vite');
    const assets = readdirSync(join(consumer.folder, 'vite/assets'));
    const worker = assets.find((name) => name.startsWith('app'))!;
    expect(await runBundle(join('vite/assets', worker))).toEqual([ZEROS, 'function']);
  });

  it.each([
    ['bun.mjs', IMPORTED],
    ['bun.cjs', REQUIRED],
  ])('Bun runs %s', (name, code) => {
    consumer.write({[name]: `${code}\nfit().then(console.log);`});
    expect(consumer.tool('bun', name)).toBe(`${ZEROS}\n`);
  });
});

import {execFileSync, spawnSync} from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createContext, runInContext} from 'node:vm';

import {buildSync} from 'esbuild';

import {ENTRIES, FIELDS} from '../scripts/exports';

const root = join(__dirname, '..');
const run = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, {cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object;

it('exports what the one list of subpaths says', () => {
  // `npm run exports` writes it.
  expect(manifest).toMatchObject(FIELDS);
});

describe('the packed tarball, installed into an empty folder', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
    run('npm', ['pack', '--silent', '--pack-destination', folder], root);
    const filename = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    writeFileSync(join(folder, 'package.json'), '{"name": "user", "private": true}');
    const options = ['--offline', '--legacy-peer-deps', '--no-audit', '--no-fund'];
    run('npm', ['install', ...options, `./${filename}`], folder);
    // The peers, from this checkout instead of the registry.
    symlinkSync(join(root, 'node_modules/@tensorflow'), join(folder, 'node_modules/@tensorflow'));
  }, 600_000);

  afterAll(() => rmSync(folder, {recursive: true, force: true}));

  const print = `console.log(JSON.stringify([
    Object.keys(prune).filter((key) => key !== 'default').sort(),
    typeof node.fileSystem, typeof wasm.registerTrainingKernels, typeof io.compressed, typeof load.packed,
    typeof sparse.sparsify, typeof rules.registerChannelRule,
  ]))`;
  const expected = [
    [
      'BestWeights',
      'ChannelPruner',
      'ClusterWeights',
      'ConstantSparsity',
      'DynamicSparsity',
      'L1Regularizer',
      'LayerPruner',
      'LearningRateRewinding',
      'NeuronPruner',
      'PolynomialDecay',
      'PruningError',
      'QuantizeAware',
      'SparsityLogger',
      'ThresholdPruning',
      'WeightPruner',
      'applyMasks',
      'autoPrune',
      'channelGroups',
      'composeCallbacks',
      'constantSparsity',
      'countMacs',
      'distill',
      'exponentialDecay',
      'foldNormalization',
      'getMask',
      'piecewiseConstant',
      'polynomialDecay',
      'pruneChannelsNow',
      'pruneGraph',
      'pruneNow',
      'recalibrateNormalization',
      'recipeCallbacks',
      'reconstruct',
      'releaseMasks',
      'runRecipe',
      'sensitivity',
      'sensitivitySvg',
      'setMask',
      'shrink',
      'shrinkVocabulary',
      'snapshotWeights',
      'sparsityReport',
      'stripPruning',
      'wordFrequency',
      'wordNorm',
    ],
    'function',
    'function',
    'function',
    'function',
    'function',
    'function',
  ];

  it('is imported as an ES module', () => {
    writeFileSync(
      join(folder, 'user.mjs'),
      `import * as prune from 'tfjs-prune';
       import * as node from 'tfjs-prune/node';
       import * as wasm from 'tfjs-prune/wasm';
       import * as io from 'tfjs-prune/io';
       import * as load from 'tfjs-prune/load';
       import * as sparse from 'tfjs-prune/sparse';
       import * as rules from 'tfjs-prune/rules';
       ${print}`,
    );
    expect(JSON.parse(run('node', ['user.mjs'], folder))).toEqual(expected);
  });

  it('is required as CommonJS', () => {
    writeFileSync(
      join(folder, 'user.cjs'),
      `const prune = require('tfjs-prune');
       const node = require('tfjs-prune/node');
       const wasm = require('tfjs-prune/wasm');
       const io = require('tfjs-prune/io');
       const load = require('tfjs-prune/load');
       const sparse = require('tfjs-prune/sparse');
       const rules = require('tfjs-prune/rules');
       ${print}`,
    );
    expect(JSON.parse(run('node', ['user.cjs'], folder))).toEqual(expected);
  });

  /** Options whose code is loaded only where they are given. */
  const options = `{
    criterion: 'l2', scope: 'global', structure: {block: [1, 1]}, layers: [/./],
  }`;

  it.each(['{}', options])('prunes a model trained in either, with the options %s', (more) => {
    const train = `
      const fit = async (tf, tfl, {ConstantSparsity, stripPruning, sparsityReport}) => {
        await tf.setBackend('cpu');
        const model = tfl.sequential({layers: [tfl.layers.dense({units: 4, inputShape: [5]})]});
        model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
        const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, ...${more}});
        await model.fit(tf.ones([8, 5]), tf.ones([8, 4]), {verbose: 0, callbacks: [pruner]});
        console.log((await sparsityReport(stripPruning(model))).zeros);
      };`;
    writeFileSync(
      join(folder, 'fit.mjs'),
      `import * as tf from '@tensorflow/tfjs-core';
       import * as tfl from '@tensorflow/tfjs-layers';
       import '@tensorflow/tfjs-backend-cpu';
       import * as prune from 'tfjs-prune';
       ${train} fit(tf, tfl, prune);`,
    );
    writeFileSync(
      join(folder, 'fit.cjs'),
      `const tf = require('@tensorflow/tfjs-core');
       const tfl = require('@tensorflow/tfjs-layers');
       require('@tensorflow/tfjs-backend-cpu');
       const prune = require('tfjs-prune');
       ${train} fit(tf, tfl, prune);`,
    );
    expect(run('node', ['fit.mjs'], folder).trim()).toBe('10');
    expect(run('node', ['fit.cjs'], folder).trim()).toBe('10');
  });

  it('loads the code of options where import() is not there, as in Jest', () => {
    const chunks = readdirSync(join(folder, 'node_modules/tfjs-prune/dist/cjs'))
      .filter((name) => /\.cjs$/.test(name))
      .map((name) => readFileSync(join(folder, 'node_modules/tfjs-prune/dist/cjs', name), 'utf8'));
    const loads = chunks.flatMap((code) => code.match(/.{20}["']\.\/patterns-\w+\.cjs["']/g) ?? []);
    expect(loads.length).toBeGreaterThan(0);
    expect(loads.filter((load) => !load.includes('require('))).toEqual([]);
  });

  it('has one registry of masks, however it is reached', () => {
    writeFileSync(
      join(folder, 'both.mjs'),
      `import {createRequire} from 'node:module';
       import * as tf from '@tensorflow/tfjs-core';
       import * as tfl from '@tensorflow/tfjs-layers';
       import '@tensorflow/tfjs-backend-cpu';
       import {setMask} from 'tfjs-prune';
       const require = createRequire(import.meta.url);
       await tf.setBackend('cpu');
       const model = tfl.sequential({layers: [tfl.layers.dense({units: 2, inputShape: [2]})]});
       const mask = tf.tensor2d([[1, 0], [0, 1]]);
       await setMask(model, model.layers[0].name, mask);
       const masks = (await require('tfjs-prune').getMask(model, model.layers[0].name));
       console.log(String(masks.dataSync()));`,
    );
    expect(run('node', ['both.mjs'], folder).trim()).toBe('1,0,0,1');
  });

  it('works in a worker', () => {
    writeFileSync(
      join(folder, 'worker.mjs'),
      `import {Worker, isMainThread, parentPort} from 'node:worker_threads';
       if (isMainThread) {
         new Worker(new URL(import.meta.url)).on('message', console.log);
       } else {
         const {constantSparsity} = await import('tfjs-prune');
         parentPort.postMessage(typeof constantSparsity);
       }`,
    );
    expect(run('node', ['worker.mjs'], folder).trim()).toBe('function');
  });

  it.each([
    ['thrown', 'mjs', `import {polynomialDecay} from 'tfjs-prune'; polynomialDecay({});`],
    ['thrown', 'cjs', `require('tfjs-prune').polynomialDecay({});`],
    ['rejected', 'mjs', `import {shrink} from 'tfjs-prune'; await shrink({});`],
    ['rejected', 'cjs', `require('tfjs-prune').shrink({});`],
  ])('prints the message of an error that nobody catches first, %s in .%s', (_how, kind, code) => {
    writeFileSync(join(folder, `uncaught.${kind}`), code);
    const {stderr} = spawnSync('node', [`uncaught.${kind}`], {cwd: folder, encoding: 'utf8'});
    const [first, ...rest] = stderr.trim().split('\n');
    expect(first).toMatch(/^PruningError: \w+: expected .*, but got .*\.$/);
    expect(rest.slice(0, -2).filter((line) => !/^ {4}at /.test(line))).toEqual([]);
    expect(rest.at(-1)).toMatch(/^Node\.js v/);
  });

  it('leads a stack trace of a minified page back to the sources', () => {
    const decay = '{initialSparsity: 0.5, finalSparsity: 0.2, beginStep: 0, endStep: 9}';
    buildSync({
      stdin: {
        contents: `import {polynomialDecay} from 'tfjs-prune';
          try { polynomialDecay(${decay}); } catch ({stack}) { console.log(stack); }`,
        resolveDir: folder,
      },
      bundle: true,
      minify: true,
      sourcemap: true,
      format: 'esm',
      platform: 'browser',
      external: ['@tensorflow/*'],
      outfile: join(folder, 'minified.mjs'),
    });
    const stack = run('node', ['--enable-source-maps', 'minified.mjs'], folder).split('\n');
    const places = stack.flatMap(
      (line) => /at (\w+) .*\/(lib\/.*?):(\d+):\d+/.exec(line)?.slice(1, 4) ?? [],
    );
    const lineOf = (file: string, text: string) =>
      readFileSync(join(root, file), 'utf8').split('\n').indexOf(text) + 1;
    const [check, decayed, polynomial] = [0, 3, 6].map((i) => places.slice(i, i + 3));
    const thrown = lineOf(
      'lib/base/check.ts',
      '    throw new PruningError(argument, expected, received);',
    );
    expect(check).toEqual(['check', 'lib/base/check.ts', `${thrown}`]);
    expect(decayed.slice(0, 2)).toEqual(['decay', 'lib/schedule/decay.ts']);
    expect(polynomial.slice(0, 2)).toEqual(['polynomial', 'lib/schedule/decay.ts']);
  });

  it('has a compressed without Node for browsers', () => {
    const {outputFiles} = buildSync({
      stdin: {contents: `export {compressed} from 'tfjs-prune/io'`, resolveDir: folder},
      bundle: true,
      format: 'esm',
      platform: 'browser',
      external: ['@tensorflow/*'],
      write: false,
    });
    expect(outputFiles[0].text).not.toMatch(/\bnode:/);
  });

  describe('in a script tag', () => {
    const tfjs = ['core', 'backend-cpu', 'layers'].map(
      (name) => `@tensorflow/tfjs-${name}/dist/tf-${name}.min.js`,
    );

    /** The globals of a page, after these scripts. */
    function page(...scripts: string[]) {
      const context = createContext({
        console,
        performance,
        setTimeout,
        requestAnimationFrame: setImmediate,
        TextEncoder,
        addEventListener() {},
        document: {},
      });
      runInContext('var self = globalThis, window = self;', context);
      for (const path of scripts) {
        runInContext(readFileSync(join(folder, 'node_modules', path), 'utf8'), context);
      }
      return (code: string): unknown => runInContext(code, context);
    }

    const script = () => {
      const {unpkg, jsdelivr} = JSON.parse(
        readFileSync(join(folder, 'node_modules/tfjs-prune/package.json'), 'utf8'),
      ) as {unpkg: string; jsdelivr: string};
      expect(unpkg).toBe(jsdelivr);
      return join('tfjs-prune', unpkg);
    };

    it('prunes and shrinks a model of the global tf', async () => {
      const run = page(...tfjs, script());
      const parameters = await run(`(async () => {
        await tf.setBackend('cpu');
        const model = tf.sequential({layers: [
          tf.layers.dense({units: 8, inputShape: [5], activation: 'relu'}),
          tf.layers.dense({units: 1}),
        ]});
        model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
        const pruner = new tfPrune.NeuronPruner({
          initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 1,
        });
        await model.fit(tf.ones([8, 5]), tf.ones([8, 1]), {verbose: 0, callbacks: [pruner]});
        await tfPrune.pruneNow(model, {sparsity: 0.1, ...${options}});
        return (await tfPrune.shrink(tfPrune.stripPruning(model))).countParams();
      })()`);
      expect(parameters).toBe(4 * 5 + 4 + 4 + 1);
    });

    it('has all but what searches or trains for long, and the two formats and rules', () => {
      const names = page(...tfjs, script())('Object.keys(tfPrune).join()') as string;
      const others = ['Channels', 'compressed', 'onlyZeros', 'packed', 'registerChannelRule'];
      const left = ['autoPrune', 'distill', 'recipeCallbacks', 'runRecipe'];
      const [exported] = expected as [string[]];
      expect(names.split(',').sort()).toEqual(
        [...exported.filter((name) => !left.includes(name)), ...others].sort(),
      );
    });

    it('asks for tfjs where it is not there', () => {
      expect(() => page(script())).toThrow('Load @tensorflow/tfjs before tfjs-prune');
    });
  });

  it('holds the built library, its types, the documentation and the licenses, and nothing else', () => {
    const copy = join(folder, 'copy');
    cpSync(join(folder, 'node_modules/tfjs-prune'), copy, {recursive: true});
    expect(readdirSync(copy).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist',
      'docs',
      'package.json',
    ]);
    const inDist = readdirSync(join(copy, 'dist'), {recursive: true, withFileTypes: true});
    const strange = inDist
      .filter((entry) => entry.isFile() && !/\.(c?js|js\.map|d\.c?ts)$/.test(entry.name))
      .map(({name}) => name);
    expect(strange).toEqual(['THIRD_PARTY_NOTICES.txt']);
    for (const name of Object.keys(ENTRIES)) {
      expect(readFileSync(join(copy, `dist/${name}.d.ts`), 'utf8')).toContain(`cjs/${name}.cjs`);
    }
  });

  it('has the license of each package that the command line is bundled with', () => {
    const dist = join(folder, 'node_modules/tfjs-prune/dist');
    const notices = readFileSync(join(dist, 'THIRD_PARTY_NOTICES.txt'), 'utf8');
    const names = [...notices.matchAll(/^={80}\n(\S+) \S+ \((\S+)\)\n\n(.*)/gm)];
    expect(names.map(([, name]) => name)).toEqual([
      'ansi-regex',
      'cli-progress',
      'commander',
      'emoji-regex',
      'is-fullwidth-code-point',
      'jpeg-js',
      'npyjs',
      'pngjs',
      'string-width',
      'strip-ansi',
    ]);
    expect(notices).toContain('Copyright (c) 2011 TJ Holowaychuk');
    expect(
      notices.match(/Permission is hereby granted|Apache License|Redistribution and use/g)!.length,
    ).toBe(names.length);
  });
});

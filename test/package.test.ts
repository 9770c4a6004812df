import {execFileSync} from 'node:child_process';
import {cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {buildSync} from 'esbuild';

const root = join(__dirname, '..');
const run = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, {cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});

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
  }, 180_000);

  afterAll(() => rmSync(folder, {recursive: true, force: true}));

  const print = `console.log(JSON.stringify([
    Object.keys(prune).filter((key) => key !== 'default').sort(),
    typeof node.fileSystem, typeof wasm.registerTrainingKernels, typeof io.compressed, typeof load.packed,
  ]))`;
  const expected = [
    [
      'ChannelPruner',
      'Channels',
      'ClusterWeights',
      'ConstantSparsity',
      'DynamicSparsity',
      'L1Regularizer',
      'LayerPruner',
      'NeuronPruner',
      'PolynomialDecay',
      'PruningError',
      'QuantizeAware',
      'SparsityLogger',
      'ThresholdPruning',
      'autoPrune',
      'composeCallbacks',
      'countMacs',
      'distill',
      'foldNormalization',
      'getMask',
      'onlyZeros',
      'pruneNow',
      'pruneStep',
      'recipeCallbacks',
      'registerChannelRule',
      'releaseMasks',
      'runRecipe',
      'sensitivity',
      'sensitivitySvg',
      'setMask',
      'shrink',
      'snapshotWeights',
      'sparsityReport',
      'stripPruning',
    ],
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
       ${print}`,
    );
    expect(JSON.parse(run('node', ['user.cjs'], folder))).toEqual(expected);
  });

  it('prunes a model trained in either', () => {
    const train = `
      const fit = async (tf, tfl, {ConstantSparsity, stripPruning, sparsityReport}) => {
        await tf.setBackend('cpu');
        const model = tfl.sequential({layers: [tfl.layers.dense({units: 4, inputShape: [5]})]});
        model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
        const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0});
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

  it('holds the built library, its types, the licence and the README, and nothing else', () => {
    cpSync(join(folder, 'node_modules/tfjs-prune'), join(folder, 'copy'), {recursive: true});
    const top = readdirSync(join(folder, 'copy')).sort();
    expect(top).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
    const strange = readdirSync(join(folder, 'copy/dist')).filter(
      (name) => !/\.(c?js|d\.c?ts)(\.map)?$/.test(name),
    );
    expect(strange).toEqual([]);
  });
});

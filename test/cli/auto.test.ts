import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {initializers, layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';

import {fileSystem} from '../../lib/files/node/index';
import {sparsityReport} from '../../lib/report/report';
import {runHere} from './run_here';

const root = join(__dirname, '../..');
// Inside the checkout, so that the module of data finds the packages.
const folder = mkdtempSync(join(root, 'node_modules/.cache-auto-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, {recursive: true}));

const DATA = `
import * as tf from '@tensorflow/tfjs-core';
function samples(seed) {
  const x = tf.randomNormal([64, 8], 0, 1, 'float32', seed);
  const y = tf.tidy(() => tf.oneHot(tf.argMax(tf.slice(x, [0, 0], [64, 3]), 1), 3));
  return {x, y};
}
export const train = {...samples(1), batchSize: 16};
export const validation = samples(2);
`;

beforeAll(async () => {
  const kernelInitializer = initializers.glorotUniform({seed: 1});
  const model = sequential({
    layers: [
      layers.dense({units: 16, activation: 'relu', inputShape: [8], kernelInitializer, name: 'a'}),
      layers.dense({units: 3, activation: 'softmax', kernelInitializer, name: 'b'}),
    ],
  });
  await model.save(fileSystem(at('model')));
  model.dispose();
  writeFileSync(at('data.mjs'), `${DATA}export const test = samples(3);\n`);
  writeFileSync(at('validation.mjs'), DATA.replace('export const train', 'const train'));
  writeFileSync(
    at('calibration.mjs'),
    `${DATA}export const calibration = Promise.resolve(samples(4));\n`,
  );
  writeFileSync(at('train.mjs'), DATA.replace('export const validation', 'const validation'));
});

/** In a process of its own: Jest imports no modules. */
function run(command: string, ...args: string[]) {
  const {status, stdout, stderr} = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(root, 'lib/cli/main.ts'), command, at('model'), ...args],
    {cwd: folder, encoding: 'utf8'},
  );
  return {status, stdout, errors: stderr.split('\n').filter(Boolean)};
}

const given = (data: string) => [
  ...['--data', at(data), '--backend', 'wasm', '--workers', '0'],
  ...['--loss', 'categoricalCrossentropy'],
];

describe('tfjs-prune auto', () => {
  it('prunes weights, and reports on a page and as JSON', async () => {
    const goal = ['--sparsity', '0.75', '--epochs', '1', '--budget', '3'];
    const {status, stdout, errors} = run('auto', ...given('data.mjs'), ...goal, '-o', at('sparse'));
    expect([status, errors]).toEqual([0, []]);
    expect(stdout).toMatch(/^Backend: wasm, on this process\./);
    expect(stdout).toMatch(/1\. 75\.00 % global magnitude, 1 epoch: accuracy \d/);
    expect(stdout).toMatch(/│ Parameters +│ 195 +│ 6[0-9] +│/);
    expect(stdout).toMatch(/│ Multiply-accumulates +│ 176 +│ 44 +│/);
    const model = await loadLayersModel(fileSystem(at('sparse')));
    expect((await sparsityReport(model)).sparsity).toBe(0.75);
    model.dispose();
    const {report, layers: left, test} = JSON.parse(readFileSync(at('sparse-report.json'), 'utf8'));
    expect(report.chosen.sparsity).toBe(0.75);
    expect(left.map(({name, size}: {name: string; size: number}) => [name, size])).toEqual([
      ['a', 128],
      ['b', 48],
    ]);
    expect(left[0].left + left[1].left).toBe(44);
    expect(test.after.acc ?? test.after.accuracy).toBeGreaterThan(0);
    expect(readFileSync(at('sparse-report.html'), 'utf8')).toContain('<svg');
    // What is there is not replaced.
    const again = run(
      'auto',
      ...given('data.mjs'),
      ...goal,
      '-o',
      at('other'),
      '--report',
      at('sparse-report'),
    );
    expect(again.status).toBe(2);
    expect(again.errors).toEqual([expect.stringContaining('--report: expected a new file')]);
    expect(existsSync(at('other'))).toBe(false);
  });

  it('prunes units to multiply-accumulates, with a journal, and writes a small model', async () => {
    const goal = ['--macs', '80', '--granularity', 'neuron', '--epochs', '2', '--budget', '3'];
    const more = ['--journal', at('journal.json'), '-o', at('small.tfpack'), '--json'];
    const {status, stdout, errors} = run('auto', ...given('data.mjs'), ...goal, ...more);
    expect([status, errors]).toEqual([0, []]);
    const {report, files} = JSON.parse(stdout);
    expect(report.cost.after.macs).toBeLessThanOrEqual(80);
    expect(files.after.raw).toBeLessThan(files.before.raw);
    expect(existsSync(at('small-report.html'))).toBe(true);
    expect(JSON.parse(readFileSync(at('journal.json'), 'utf8')).entries).toHaveLength(
      report.trials.length,
    );
  });

  it.each<[string, string[], string]>([
    ['no goal', [], "expected one of them, but got 'none'"],
    ['two goals', ['--size', '100', '--macs', '100'], 'size and macs'],
    ['a drop below 0', ['--max-drop', '-1'], 'maxDrop: expected a number of at least 0'],
    ['no number', ['--millis', 'fast'], 'It must be a number'],
    ['no epochs', ['--sparsity', '0.5', '--epochs', '0'], '--epochs: expected an integer'],
    ['a small budget', ['--sparsity', '0.5', '--budget', '2'], 'budget.epochs: expected'],
    [
      'workers and a queue',
      ['--sparsity', '0.5', '--queue', 'redis://x'],
      '--workers: expected none',
    ],
    ['another granularity', ['--sparsity', '0.5', '--granularity', 'layer'], 'Allowed choices'],
    ['a misspelled option', ['--sparsty', '0.5'], "unknown option '--sparsty'"],
  ])('refuses %s in one line', async (_, args, message) => {
    const all = [at('model'), ...given('data.mjs'), ...args, '-o', at('none')];
    const {status, errors} = await runHere('auto', ...all);
    expect(status).toBe(2);
    expect(errors).toEqual([expect.stringContaining(message)]);
    expect(existsSync(at('none'))).toBe(false);
  });

  it.each([
    ['train', 'validation.mjs', []],
    ['validation', 'train.mjs', []],
  ])('refuses a module without %s in one line', (name, data) => {
    const {status, errors} = run('auto', ...given(data), '--sparsity', '0.5', '-o', at('none'));
    expect(status).toBe(2);
    expect(errors).toEqual([expect.stringContaining(`expected a module that exports '${name}'`)]);
  });

  it('asks for a loss where the model has none', () => {
    const args = given('data.mjs').slice(0, -2);
    const {status, errors} = run('auto', ...args, '--sparsity', '0.5', '-o', at('none'));
    expect(status).toBe(2);
    expect(errors).toEqual([expect.stringContaining('--loss: expected a loss such as')]);
  });
});

describe('tfjs-prune sensitivity', () => {
  it('prints what each layer bears, and draws it', () => {
    const args = ['--sparsities', '0.5', '0.9', '-o', at('picture.svg')];
    const {status, stdout, errors} = run('sensitivity', ...given('validation.mjs'), ...args);
    expect([status, errors]).toEqual([0, []]);
    expect(stdout).toMatch(/│ Layer │ Weights │ 0 % +│ 50 % +│ 90 % +│/);
    expect(stdout).toMatch(/│ a +│ +128 │ [\d.]+ % +│/);
    expect(readFileSync(at('picture.svg'), 'utf8')).toMatch(/^<svg.*<\/svg>\n$/s);
  });

  it('gives an importance the data that it looks at, once its promise has them', () => {
    const args = ['--granularity', 'neuron', '--importance', 'meanActivation', '--json'];
    const {status, stdout, errors} = run('sensitivity', ...given('calibration.mjs'), ...args);
    expect([status, errors]).toEqual([0, []]);
    expect(JSON.parse(stdout).layers).toHaveLength(1);
  });

  it.each([
    ['another file', ['-o', 'picture.png'], 'a file ending with .svg or .json'],
    ['a sparsity of 1', ['--sparsities', '1'], 'sparsities[0]: expected a number in [0, 1)'],
    ['another criterion', ['--criterion', 'best'], 'criterion: expected'],
    ['another importance', ['--importance', 'best'], 'importance: expected'],
    ['no memory', ['--memory', '0'], '--memory: expected a number above 0'],
  ])('refuses %s in one line', (_, args, message) => {
    const {status, errors} = run('sensitivity', ...given('validation.mjs'), ...args);
    expect(status).toBe(2);
    expect(errors).toEqual([expect.stringContaining(message)]);
  });
});

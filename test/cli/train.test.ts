import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {initializers, layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';

import {compressed} from '../../lib/files/io';
import {fileSystem} from '../../lib/files/node/index';
import {readWeight} from '../../lib/model/read_weight';
import {sparsityReport} from '../../lib/report/report';

const root = join(__dirname, '../..');
// Inside the checkout, so that the module of data finds the packages.
const folder = mkdtempSync(join(root, 'node_modules/.cache-train-'));
const outside = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
const at = (name: string) => join(folder, name);
afterAll(() => [folder, outside].forEach((each) => rmSync(each, {recursive: true})));

const RECIPE = {
  compile: {optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy']},
  steps: [
    {
      epochs: 2,
      PolynomialDecay: {
        initialSparsity: 0.5,
        finalSparsity: 0.75,
        beginStep: 0,
        endStep: 1,
        frequency: 1,
        unit: 'epoch',
      },
      NeuronPruner: {
        initialSparsity: 0,
        finalSparsity: 0.5,
        beginStep: 0,
        endStep: 1,
        frequency: 1,
        unit: 'epoch',
        importance: 'taylor',
        calibration: 'train',
      },
      shrink: true,
    },
    {epochs: 1, ClusterWeights: {clusters: 4}, distill: {temperature: 2}},
  ],
  pack: {format: 'packed', quantize: {'*kernel': {clusters: 4}}},
};

const DATA = `
import * as tf from '@tensorflow/tfjs-core';
const x = tf.randomNormal([64, 8], 0, 1, 'float32', 1);
const y = tf.tidy(() => tf.oneHot(tf.argMax(tf.slice(x, [0, 0], [64, 3]), 1), 3));
export const train = {x, y, batchSize: 16};
export const validation = {x, y};
export const test = {x, y};
export const helper = 'is left alone';
`;

function run(...args: string[]) {
  const {status, stdout, stderr} = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(root, 'lib/cli/main.ts'), 'train', ...args],
    {cwd: folder, encoding: 'utf8'},
  );
  return {status, stdout, error: stderr.split('\n').filter((line) => line.startsWith('error:'))};
}

const paths = () => ['--model', at('model'), '--data', at('data.mjs'), '--backend', 'wasm'];

beforeAll(async () => {
  const kernelInitializer = initializers.glorotUniform({seed: 1});
  const model = sequential({
    layers: [
      layers.dense({units: 16, activation: 'relu', inputShape: [8], kernelInitializer}),
      layers.dense({units: 3, activation: 'softmax', kernelInitializer}),
    ],
  });
  await model.save(fileSystem(at('model')));
  model.dispose();
  writeFileSync(at('data.mjs'), DATA);
  writeFileSync(at('recipe.json'), JSON.stringify(RECIPE));
});

describe('tfjs-prune train', () => {
  it('runs the steps, and writes the model as the recipe says', async () => {
    const {status, stdout} = run(at('recipe.json'), ...paths(), '-o', at('small.tfpack'), '--json');
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(result.steps).toMatchObject([
      {name: 'PolynomialDecay, NeuronPruner', epochs: 2},
      {name: 'ClusterWeights, distill', epochs: 1},
    ]);
    expect(result.test.before.accuracy).toBeGreaterThan(0);
    expect(result.files.after.raw).toBeGreaterThan(0);

    const model = await loadLayersModel(compressed(at('small.tfpack'), {format: 'packed'}));
    expect(model.countParams()).toBeLessThanOrEqual(99);
    expect(result.steps[1].parameters).toBe(model.countParams());
    expect((await sparsityReport(model)).sparsity).toBe(result.steps[1].sparsity);
    const values = await readWeight(model.weights[0]).data();
    expect(new Set(values.filter((value) => value !== 0)).size).toBeLessThanOrEqual(4);
    model.dispose();
  });

  it('shows each epoch and a table, and refuses to replace without --force', () => {
    const args = [at('recipe.json'), ...paths(), '-o', at('again.tfpack')];
    const {status, stdout} = run(...args, '--teacher', at('model'));
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /PolynomialDecay, NeuronPruner, epoch 1\/2: loss \d.*, acc \d.* %, val_loss .*; \d+ s left/,
    );
    expect(stdout).toMatch(/Test accuracy .*%.*%/);
    expect(run(...args).error[0]).toMatch(/--out: expected a new model/);
  });

  it.each<[string, object | string, string, RegExp]>([
    ['no JSON', '{', DATA, /recipe: expected JSON/],
    [
      'a key that is unknown',
      {steps: [{epochs: 1, PolynomialDecay: {...RECIPE.steps[0].PolynomialDecay, endStpe: 1}}]},
      DATA,
      /steps\[0\]\.PolynomialDecay: expected options among .*\(perhaps endStep\), but got 'endStpe'/,
    ],
    [
      'clusters in files of tfjs',
      {...RECIPE, pack: {format: 'tfjs', quantize: {clusters: 4}}},
      DATA,
      /pack\.quantize: expected clusters with the format 'packed' only/,
    ],
    ['no such module', RECIPE, '', /nowhere: expected an ES module/],
    ['a module without train', RECIPE, 'export const tarin = 1;', /a module that exports 'train'/],
  ])('refuses %s in one line and writes nothing', (_, recipe, module, message) => {
    const text = typeof recipe === 'string' ? recipe : JSON.stringify(recipe);
    writeFileSync(join(outside, 'recipe'), text);
    writeFileSync(at('other.mjs'), module);
    const data = module === '' ? 'nowhere' : at('other.mjs');
    const files = readdirSync(folder);
    const {status, error} = run(
      ...[join(outside, 'recipe'), '--model', at('model'), '--data', data],
      ...['--backend', 'wasm', '-o', at('never')],
    );
    expect(error).toHaveLength(1);
    expect(error[0]).toMatch(message);
    expect(status).toBe(2);
    expect(readdirSync(folder)).toEqual(files);
  });
});

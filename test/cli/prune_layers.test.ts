import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {layers, type LayersModel, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';

import {pruneNow} from '../../lib/by_hand/masks_by_hand';
import {stripPruning} from '../../lib/by_hand/strip';
import {fileSystem} from '../../lib/files/node/index';
import {sparsityReport} from '../../lib/report/report';
import {runHere} from './run_here';

const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
afterAll(() => rmSync(folder, {recursive: true}));
const at = (name: string) => join(folder, name);

const valuesOf = (model: LayersModel) =>
  Promise.all(model.getWeights().map(async (weight) => [...(await weight.data())]));

beforeAll(async () => {
  const inner = sequential({
    layers: [
      layers.dense({units: 8, inputShape: [2, 2, 4]}),
      layers.depthwiseConv2d({kernelSize: 2, name: 'depthwise'}),
    ],
  });
  const model = sequential({
    layers: [
      layers.conv2d({filters: 4, kernelSize: 3, inputShape: [4, 4, 3], name: 'conv'}),
      layers.batchNormalization(),
      inner,
      layers.reshape({targetShape: [2, 4]}),
      layers.lstm({units: 4, recurrentInitializer: 'glorotNormal', name: 'lstm'}),
      layers.dense({units: 4, name: 'head'}),
    ],
  });
  model.compile({optimizer: 'adam', loss: 'meanSquaredError'});
  await model.save(fileSystem(at('model')), {includeOptimizer: true});
});

it.each([
  [{}, []],
  [{structure: {n: 2, m: 4}}, ['--structure', '2:4']],
  [{structure: {n: 2, m: 4, along: 'outputs' as const}}, ['--structure', '2:4:outputs']],
  [{structure: {block: 'input' as const}}, ['--structure', 'input']],
  [{structure: {block: 'window' as const}}, ['--structure', 'window']],
  [{structure: {block: [2, 4] as [number, number]}}, ['--structure', '2x4']],
  [{layers: ['depthwise', 'lstm']}, ['--layers', 'depthwise', 'lstm']],
  [{scope: 'global' as const}, ['--scope', 'global']],
])('prunes as pruneNow does with %j, and reports the same', async (args, words) => {
  const {status, stdout} = await runHere(
    ...['prune', at('model'), '--sparsity', '0.5', '--json', '--force', '-o', at('out'), ...words],
  );
  expect(status).toBe(0);
  const expected = await loadLayersModel(fileSystem(at('model')));
  await pruneNow(expected, {sparsity: 0.5, ...args});
  stripPruning(expected);
  const pruned = await loadLayersModel(fileSystem(at('out')));
  expect(await valuesOf(pruned)).toEqual(await valuesOf(expected));

  const report = await sparsityReport(expected);
  const {weights} = JSON.parse(stdout) as {
    weights: Array<{name: string; size: number; zeros: number}>;
  };
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  for (const {name, size, zeros} of report.weights) {
    expect(byName.get(name)).toEqual({name, size, zeros});
  }
});

it.each([
  ['one by one', []],
  ['over all', ['--scope', 'global']],
])('takes expressions for layers, %s', async (_, args) => {
  const {status, stdout} = await runHere(
    ...['prune', at('model'), '--sparsity', '0.5', '-o', at('out'), '--force', '--json', ...args],
    ...['--layers', '/^CONV/i', 'lstm/kernel'],
  );
  expect(status).toBe(0);
  const {weights} = JSON.parse(stdout) as {weights: Array<{name: string; zeros: number}>};
  const pruned = weights.filter(({zeros}) => zeros > 0).map(({name}) => name);
  expect(pruned).toEqual(['conv/kernel', 'lstm/kernel']);
});

it.each([
  ['/conv(/', 'Unterminated group'],
  ['/^none/', 'but got /^none/'],
])('refuses %s for layers', async (expression, message) => {
  const {status, errors} = await runHere(
    ...['prune', at('model'), '--sparsity', '0.5', '-o', at('none'), '--layers', expression],
  );
  expect(status).toBe(2);
  expect(errors.join(' ')).toContain(message);
});

it.each(['2:4:rows', '2', '2x', 'inputs'])('refuses %s as a structure', async (structure) => {
  const {status, errors} = await runHere(
    ...['prune', at('model'), '--sparsity', '0.5', '-o', at('out'), '--structure', structure],
  );
  expect(status).toBe(2);
  expect(errors.join(' ')).toContain('2:4:outputs');
});

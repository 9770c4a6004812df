import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import type {io} from '@tensorflow/tfjs-core';
import {layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';

import {compressed} from '../../lib/files/io';
import {fileSystem} from '../../lib/files/node/index';
import {sparsityReport} from '../../lib/report/report';
import {graphArtifacts} from './graph';
import {runHere} from './run_here';

const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
afterAll(() => rmSync(folder, {recursive: true}));
const at = (name: string) => join(folder, name);

const TYPES = ['uint8', 'uint16', 'float16'] as const;

beforeAll(async () => {
  const model = sequential({
    layers: [
      layers.conv2d({filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1]}),
      layers.flatten(),
      layers.dense({units: 10}),
    ],
  });
  for (const quantize of TYPES) {
    await model.save(compressed(at(quantize), {quantize: {'*': quantize}}));
  }
  await fileSystem(at('plain graph')).save!(graphArtifacts());
  await runHere('compress', at('plain graph'), '--quantize', 'float16', '-o', at('graph'));
  model.dispose();
});

async function run(...args: string[]): Promise<string> {
  const {status, stdout, errors} = await runHere(...args);
  expect(errors).toEqual([]);
  expect(status).toBe(0);
  return stdout;
}

function manifest(name: string): {weights: io.WeightsManifestEntry[]; bytes: number} {
  const text = readFileSync(at(`${name}/model.json`), 'utf8');
  const {weightsManifest} = JSON.parse(text) as io.ModelJSON;
  return {
    weights: weightsManifest.flatMap(({weights}) => weights),
    bytes: readFileSync(at(`${name}/weights.bin`)).length,
  };
}

const typesOf = (name: string) =>
  new Set(manifest(name).weights.map(({quantization}) => quantization?.dtype ?? 'float32'));

it('only kernels are rounded, unless others are named, and the tables say so', async () => {
  const model = sequential({layers: [layers.dense({units: 3, inputShape: [4]})]});
  await model.save(fileSystem(at('dense')));
  model.dispose();
  const printed = await run('compress', at('dense'), '--quantize', 'uint8', '-o', at('small'));
  expect(printed).toContain('2 float32');
  expect(printed).toContain('1 uint8, 1 float16');
  const compared = await run('compare', at('dense'), at('small'), '--rounds', '1');
  expect(compared).toMatch(/Weights +│ 2 float32 +│ 1 uint8, 1 float16/);
  const json = await run('compare', at('dense'), at('small'), '--rounds', '1', '--json');
  expect(JSON.parse(json)).toMatchObject({
    a: {weights: {float32: 2}},
    b: {weights: {uint8: 1, float16: 1}},
  });
  const options = ['--quantize', 'uint8', '--weights', '*bias', 'dense*'];
  await run('compress', at('dense'), ...options, '-o', at('smaller'));
  expect(typesOf('smaller')).toEqual(new Set(['uint8']));
  const {errors} = await runHere('compress', at('dense'), '--weights', '*', '-o', at('other'));
  expect(errors[0]).toContain('--weights: expected --quantize or --clusters too');
});

describe.each(TYPES)('weights of %s', (type) => {
  it('stay so when they are pruned, bit for bit', async () => {
    const out = `${type} pruned`;
    const printed = await run('prune', at(type), '--sparsity', '0.5', '-o', at(out));
    expect(printed).toContain(`Weights that stay quantized: 4 as ${type}`);
    expect(typesOf(out)).toEqual(new Set([type]));
    expect(manifest(out).bytes).toBe(manifest(type).bytes);
    const [before, after] = await Promise.all(
      [type, out].map((name) => loadLayersModel(fileSystem(at(name)))),
    );
    expect((await sparsityReport(after)).sparsity).toBe(0.5);
    for (const [i, weight] of before.getWeights().entries()) {
      const values = await weight.data();
      const left = await after.getWeights()[i].data();
      left.forEach((value, j) => value !== 0 && expect(value).toBeCloseTo(values[j], 6));
    }
    before.dispose();
    after.dispose();
  });

  it('stay so when channels are removed, unless told otherwise', async () => {
    const args = ['shrink', at(type), '--channels', '0.5'];
    await run(...args, '-o', at(`${type} half`));
    expect(typesOf(`${type} half`)).toEqual(new Set([type]));
    const printed = await run(...args, '--dequantize', '-o', at(`${type} floats`), '--json');
    expect(typesOf(`${type} floats`)).toEqual(new Set(['float32']));
    expect(JSON.parse(printed).quantized).toEqual({});
  });

  it('are rounded to any other type, or share values', async () => {
    for (const quantize of TYPES) {
      const out = `${type} as ${quantize}`;
      const printed = await run(
        'compress',
        at(type),
        '--quantize',
        quantize,
        '--weights',
        '*',
        '-o',
        at(out),
      );
      expect(typesOf(out)).toEqual(new Set([quantize]));
      expect(printed.includes(`already were ${type} are unchanged: 4`)).toBe(quantize === type);
      const {difference} = JSON.parse(
        await run('compare', at(type), at(out), '--json', '--rounds', '1', '--examples', '4'),
      ) as {difference: {largest: number}};
      expect(difference.largest).toBeLessThan(quantize === type ? 1e-12 : 0.1);
    }
    const out = at(`${type}.tfpack`);
    await run('compress', at(type), '--clusters', '2', '-o', out);
    const model = await loadLayersModel(compressed(out, {format: 'packed'}));
    const values = await model.getWeights()[2].data();
    expect(new Set(values).size).toBeLessThanOrEqual(3);
    model.dispose();
  });
});

it('half floats of a graph stay so when they are pruned', async () => {
  expect(typesOf('graph')).toEqual(new Set(['float16']));
  await run('prune', at('graph'), '--sparsity', '0.5', '-o', at('graph pruned'));
  expect(typesOf('graph pruned')).toEqual(new Set(['float16']));
  await run('prune', at('graph'), '--sparsity', '0.5', '--dequantize', '-o', at('graph floats'));
  expect(typesOf('graph floats')).toEqual(new Set(['float32']));
});

it('the default of compressed leaves what is quantized as it is', async () => {
  const artifacts = await fileSystem(at('uint8')).load!();
  await compressed(at('again')).save!(artifacts);
  expect(typesOf('again')).toEqual(new Set(['uint8']));
  await compressed(at('halves'), {quantize: {'*': 'float16'}}).save!(artifacts);
  expect(typesOf('halves')).toEqual(new Set(['float16']));
});

import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {getBackend} from '@tensorflow/tfjs-core';
import {initializers, layers, sequential} from '@tensorflow/tfjs-layers';
import {dump} from 'npyjs';
import {PNG} from 'pngjs';

import {normal} from '../../lib/base/random';
import {fileSystem} from '../../lib/files/node/index';
import {graphArtifacts} from './graph';
import {runHere} from './run_here';

const root = join(__dirname, '../..');
// Inside the checkout, so that a module of data finds the packages.
const folder = mkdtempSync(join(root, 'node_modules/.cache-calibration-'));
afterAll(() => rmSync(folder, {recursive: true}));
const at = (name: string) => join(folder, name);

/** Values of which each depends on those before it, as those of photos do. */
async function correlated(count: number, size: number, seed: number): Promise<Float32Array> {
  const noise = normal([count, size], seed);
  const values = (await noise.data<'float32'>()).slice();
  noise.dispose();
  for (let i = 0; i < values.length; ++i) {
    values[i] = i % size === 0 ? values[i] : 0.9 * values[i - 1] + 0.3 * values[i];
  }
  return values;
}

async function writeNpy(name: string, count: number, shape: number[], seed: number) {
  const size = shape.reduce((all, length) => all * length, 1);
  const values = await correlated(count, size, seed);
  writeFileSync(at(name), new Uint8Array(dump(values, [count, ...shape])));
}

beforeAll(async () => {
  const seeded = (seed: number) => initializers.glorotNormal({seed});
  const model = sequential({
    layers: [
      layers.conv2d({
        ...{filters: 6, kernelSize: 3, activation: 'relu', name: 'conv'},
        ...{inputShape: [8, 8, 1], kernelInitializer: seeded(1)},
      }),
      layers.flatten(),
      layers.dense({units: 12, activation: 'relu', name: 'hidden', kernelInitializer: seeded(2)}),
      layers.dense({units: 4, name: 'head', kernelInitializer: seeded(3)}),
    ],
  });
  await model.save(fileSystem(at('model')));
  model.dispose();
  await fileSystem(at('graph')).save!(graphArtifacts());
  await writeNpy('x.npy', 256, [8, 8, 1], 1);
  await writeNpy('test.npy', 64, [8, 8, 1], 2);
  await writeNpy('graph.npy', 64, [4], 3);
});

const run = async (...args: string[]) => runHere(...args, '--json');
const backend = () => ['--backend', getBackend()];

/** The mean distance between the outputs of a model and those of what it came from. */
async function distance(a: string, b: string, data: string): Promise<number> {
  const {stdout} = await run('compare', at(a), at(b), '--data', at(data), '--rounds', '1');
  return (JSON.parse(stdout) as {difference: {mean: number}}).difference.mean;
}

const PRUNE = ['prune', '--sparsity', '0.7'];
const SHRINK = ['shrink', '--channels', '0.5', '--neurons', '0.5'];

describe('--data', () => {
  it.each([
    ['weights', PRUNE, []],
    ['weights by ADMM', PRUNE, ['--mask', 'admm']],
    ['channels', SHRINK, []],
  ])('brings back what a LayersModel loses with its %s', async (name, [command, ...args], more) => {
    const [alone, solved] = [at(`${name} alone`), at(`${name} solved`)];
    await run(command, at('model'), ...args, '-o', alone);
    const data = ['--data', at('x.npy'), '--examples', '200', ...backend(), ...more];
    const {status, stdout} = await run(command, at('model'), ...args, '-o', solved, ...data);
    expect(status).toBe(0);
    const {reconstruction} = JSON.parse(stdout);
    expect(reconstruction).toMatchObject({examples: 200, left: []});
    expect(reconstruction.layers).toHaveLength(3);
    const far = await distance('model', `${name} alone`, 'test.npy');
    expect(await distance('model', `${name} solved`, 'test.npy')).toBeLessThan(0.75 * far);
  });

  it('solves for what a GraphModel has left, and keeps the rest of it', async () => {
    const data = ['--data', at('graph.npy'), ...backend()];
    const names = ['--layers', 'dense/kernel'];
    const {status, stdout} = await run(
      ...['prune', at('graph'), '--sparsity', '0.5', ...names, '-o', at('solved-graph'), ...data],
    );
    expect(status).toBe(0);
    const {reconstruction, ...rest} = JSON.parse(stdout);
    expect(rest).toMatchObject({size: 8, zeros: 4});
    expect(reconstruction).toMatchObject({examples: 64, left: []});
    expect(reconstruction.layers[0].after).toBeLessThan(reconstruction.layers[0].before);
    const before = graphArtifacts();
    const {modelTopology, weightSpecs, weightData} = await fileSystem(at('solved-graph')).load!();
    expect(modelTopology).toEqual(before.modelTopology);
    expect(weightSpecs).toEqual(before.weightSpecs);
    const values = new Float32Array(weightData as ArrayBuffer);
    expect(values.slice(0, 8).map((value) => Number(value === 0))).toEqual(
      Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0),
    );
    expect(values).not.toEqual(new Float32Array(before.weightData as ArrayBuffer));
  });

  it('takes a module of tensors or a dataset, without targets', () => {
    const source = (body: string) =>
      `import * as tf from '@tensorflow/tfjs-core';
      const values = Array.from({length: 32 * 64}, (_, i) => Math.sin(i * i));
      const x = tf.tensor(values, [32, 8, 8, 1]);
      ${body}`;
    writeFileSync(at('tensors.mjs'), source('export const calibration = {x};'));
    const rows = (name: string, of: string) =>
      writeFileSync(at(name), source(`export const calibration = {x: tf.gather(x, ${of})};`));
    rows('3 of 4.mjs', 'Array.from({length: 24}, (_, i) => Math.floor((4 * i) / 3))');
    rows('16 and 8.mjs', 'Array.from({length: 24}, (_, i) => (i < 16 ? i : 2 * i - 16))');
    writeFileSync(
      at('batches.mjs'),
      source(
        `export const train = {size: 2, iterator: async () => {
          let i = 0;
          const next = () => ({xs: tf.slice(x, 16 * i++, 16), ys: tf.zeros([16, 4])});
          return {next: async () => (i < 2 ? {done: false, value: next()} : {done: true})};
        }};`,
      ),
    );
    writeFileSync(at('none.mjs'), 'export const inputs = 1;');
    // In a process of its own: what runs tests imports no modules.
    const prune = (name: string) =>
      spawnSync(
        process.execPath,
        [
          ...['--import', 'tsx', join(root, 'lib/cli/main.ts'), 'prune', at('model'), '--json'],
          ...['--sparsity', '0.5', '-o', at(`by ${name}`), '--data', at(name)],
          ...['--examples', '24', ...backend()],
        ],
        {cwd: root, encoding: 'utf8'},
      );
    const reconstruction = (name: string) => JSON.parse(prune(name).stdout).reconstruction;
    const tensors = reconstruction('tensors.mjs');
    expect(tensors.examples).toBe(24);
    // Of tensors some of all, as they may be sorted; of a dataset its first batches.
    expect(tensors).toEqual(reconstruction('3 of 4.mjs'));
    expect(reconstruction('batches.mjs')).toEqual(reconstruction('16 and 8.mjs'));
    const {status, stderr} = prune('none.mjs');
    expect(stderr).toContain('expected a module that exports one of calibration, train');
    expect(status).toBe(2);
  });

  it('takes a folder of images, and refuses one with a broken image', async () => {
    const photos = at('photos');
    mkdirSync(photos);
    for (let i = 0; i < 12; ++i) {
      const image = new PNG({width: 20, height: 16});
      image.data.forEach((_, k) => (image.data[k] = (i * 37 + k * (i + 1)) % 251));
      writeFileSync(join(photos, `${i}.png`), PNG.sync.write(image));
    }
    const prune = async (name: string, ...more: string[]) =>
      run(...PRUNE, at('model'), '-o', at(name), '--data', photos, ...backend(), ...more);
    const {status, stdout} = await prune('by photos', '--examples', '10', '--crop');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).reconstruction).toMatchObject({examples: 10, left: []});
    expect(await distance('model', 'by photos', 'photos')).toBeGreaterThan(0);
    writeFileSync(join(photos, '5.png'), 'no image');
    const {status: failed, errors} = await prune('by broken photos');
    expect(failed).toBe(2);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/5\.png: expected a JPEG or PNG image, but got 'other bytes'/);
    await expect(fileSystem(at('by broken photos')).load!()).rejects.toThrow();
  });

  it('says in words what it did', async () => {
    const {stdout} = await runHere(
      ...['prune', at('model'), '--sparsity', '0.5', '-o', at('words')],
      ...['--data', at('x.npy'), ...backend()],
    );
    expect(stdout).toMatch(
      /Adjusted the kept weights of 3 layers with 256 examples: their outputs/,
    );
  });

  it('does not shrink a GraphModel, and says what to do instead', async () => {
    const {status, errors} = await run(
      ...['shrink', at('graph'), '--channels', '0.5', '-o', at('small-graph')],
      ...['--data', at('graph.npy'), ...backend()],
    );
    expect(status).toBe(2);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/graph: expected a LayersModel, .*'prune' takes it as it is/);
    await expect(fileSystem(at('small-graph')).load!()).rejects.toThrow();
  });

  const NONE = ['--data', 'NONE'];
  it.each([
    ['another shape', PRUNE, ['--data', 'graph.npy'], /graph\.npy: expected examples of shape/],
    ['no file', SHRINK, NONE, /NONE: expected a file that can be read, but got 'ENOENT/],
    ['NaN', PRUNE, ['--data', 'nan.npy'], /nan\.npy: expected finite numbers, but got 'NaN/],
    [
      'no data for examples',
      PRUNE,
      ['--examples', '9'],
      /--examples: expected none without --data/,
    ],
    ['no data for a mask', PRUNE, ['--mask', 'admm'], /--mask: expected none without --data/],
    ['no examples', PRUNE, ['--data', 'x.npy', '--examples', '0'], /--examples: expected an integ/],
    ['a range of one number', PRUNE, ['--data', 'x.npy', '--range', '1'], /--range: expected two/],
    ['no share', ['shrink'], ['--data', 'x.npy'], /--data: expected none without --channels/],
  ])(
    'refuses %s, in a line and with nothing written',
    async (_, [command, ...args], more, line) => {
      const numbers = (await correlated(4, 64, 1)).fill(NaN, 7, 8);
      writeFileSync(at('nan.npy'), new Uint8Array(dump(numbers, [4, 8, 8, 1])));
      const paths = more.map((each) => (/npy|NONE/.test(each) ? at(each) : each));
      const out = at('refused');
      const {status, errors} = await run(command, at('model'), ...args, '-o', out, ...paths);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(line);
      expect(status).toBe(2);
      await expect(fileSystem(out).load!()).rejects.toThrow();
    },
  );
});

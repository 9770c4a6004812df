import {mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import type {io} from '@tensorflow/tfjs-core';

import {fileSystem} from '../../../lib/files/node/index';
import {injectFaults} from './faults';
import {artifactsOf, errorOf, temporaryDirectories, valueOf} from './support';

const newDirectory = temporaryDirectories();
const TOPOLOGY = {class_name: 'Sequential'};

/** Writes a directory as another tool would, with `json` in its model.json. */
function write(json: unknown, files: Record<string, Uint8Array> = {}): string {
  const directory = newDirectory();
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  writeFileSync(join(directory, 'model.json'), text);
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), {recursive: true});
    writeFileSync(join(directory, name), bytes);
  }
  return directory;
}

const spec = (name: string, size: number): io.WeightsManifestEntry => ({
  name,
  shape: [size],
  dtype: 'float32',
});

const SHARDED = {
  modelTopology: TOPOLOGY,
  format: 'layers-model',
  generatedBy: 'keras v3',
  convertedBy: 'TensorFlow.js Converter',
  weightsManifest: [
    {
      paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'],
      weights: [spec('a', 1), spec('b', 2)],
    },
    {paths: [], weights: []},
    {paths: ['more/group2.bin'], weights: [{name: 'c', shape: [3], dtype: 'bool'}]},
  ],
};

/** The second weight lies in both shards of the first group. */
const SHARDS = {
  'group1-shard1of2.bin': Uint8Array.of(0, 1, 2, 3, 4),
  'group1-shard2of2.bin': Uint8Array.of(5, 6, 7, 8, 9, 10, 11),
  'more/group2.bin': Uint8Array.of(12, 13, 14),
};

test('joins the shards of all groups in one buffer', async () => {
  const {weightData, ...rest} = await fileSystem(write(SHARDED, SHARDS)).load!();
  expect(Array.from(new Uint8Array(weightData as ArrayBuffer))).toEqual([...Array(15).keys()]);
  expect(weightData).toBeInstanceOf(ArrayBuffer);
  const {weightsManifest, ...fields} = SHARDED;
  expect(rest).toEqual({...fields, weightSpecs: weightsManifest.flatMap(({weights}) => weights)});
});

test('takes a model.json of another name', async () => {
  const directory = newDirectory();
  const weightsManifest: unknown[] = [];
  writeFileSync(join(directory, 'net'), JSON.stringify({modelTopology: TOPOLOGY, weightsManifest}));
  const {weightData} = await fileSystem(join(directory, 'net')).load!();
  expect((weightData as ArrayBuffer).byteLength).toBe(0);
});

test.each([
  ['group1-shard1of2.bin', 4, 11],
  ['group1-shard2of2.bin', 8, 13],
])('%s of %i bytes is not what the specs say', async (name, size, received) => {
  const directory = write(SHARDED, {...SHARDS, [name]: new Uint8Array(size)});
  const [first, second, model] = ['group1-shard1of2.bin', 'group1-shard2of2.bin', 'model.json'].map(
    (file) => join(directory, file),
  );
  const {message} = await errorOf(() => fileSystem(directory).load!());
  expect(message).toBe(
    `${first}, ${second}: expected 12 bytes, the size of the weights that ${model} lists, ` +
      `but got ${received}.`,
  );
});

test.each([2, 4])('a last group of %i bytes is not what the specs say', async (size) => {
  const directory = write(SHARDED, {...SHARDS, 'more/group2.bin': new Uint8Array(size)});
  const {message} = await errorOf(() => fileSystem(directory).load!());
  expect(message).toBe(
    `${join(directory, 'more', 'group2.bin')}: expected 3 bytes, ` +
      `the size of the weights that ${join(directory, 'model.json')} lists, but got ${size}.`,
  );
});

test.each([
  ['shorter', [2, 0, 0, 0, 97, 98, 1, 0, 0, 0], 11],
  ['longer', [2, 0, 0, 0, 97, 98, 0, 0, 0, 0, 0], 10],
  ['wildly shorter', [255, 255, 255, 255], 2 ** 32 + 3],
])('strings %s than the file says', async (_, bytes, expected) => {
  const weightsManifest = [
    {paths: ['weights.bin'], weights: [{name: 's', shape: [2], dtype: 'string'}]},
  ];
  const directory = write(
    {modelTopology: TOPOLOGY, weightsManifest},
    {'weights.bin': Uint8Array.from(bytes)},
  );
  const {message} = await errorOf(() => fileSystem(directory).load!());
  expect(message).toMatch(`weights.bin: expected ${expected} bytes`);
  expect(message).toMatch(`but got ${bytes.length}.`);
});

test.each<[string, unknown, string]>([
  ['no JSON', '{"modelTopology"', 'JSON'],
  ['an empty file', '', "JSON, but got 'Unexpected end of JSON input'."],
  ['null', null, 'a JSON object, but got null.'],
  ['a list', [1], 'a JSON object, but got [1].'],
  ['no topology', {weightsManifest: []}, 'a modelTopology, but got undefined.'],
  ['a text as topology', {modelTopology: 'x'}, "a modelTopology, but got 'x'."],
  ['no manifest', {modelTopology: TOPOLOGY}, 'a weightsManifest, but got undefined.'],
  ...[null, {}, {paths: []}, {paths: [1], weights: []}, {paths: [], weights: [null]}].map(
    (group): [string, unknown, string] => [
      `the group ${JSON.stringify(group)}`,
      {modelTopology: TOPOLOGY, weightsManifest: [{paths: [], weights: []}, group]},
      `a weightsManifest of groups with paths and weights, but got ${JSON.stringify(group)}.`,
    ],
  ),
  [
    'a weight without shape',
    {
      modelTopology: TOPOLOGY,
      weightsManifest: [{paths: [], weights: [{name: 'w', dtype: 'bool'}]}],
    },
    "a shape for the weight 'w', but got undefined.",
  ],
])('a model.json that is or has %s is refused', async (_, json, message) => {
  const directory = write(json);
  const error = await errorOf(() => fileSystem(directory).load!());
  expect(error.message).toContain(`${join(directory, 'model.json')}: expected ${message}`);
});

test('the JSON error is the cause', async () => {
  const error = await errorOf(() => fileSystem(write('{')).load!());
  expect(error.cause).toMatchObject({name: 'SyntaxError'});
});

test('a missing path, model.json or weights file is named', async () => {
  const missing = join(newDirectory(), 'none');
  const empty = newDirectory();
  const weightless = write(SHARDED, SHARDS);
  const weights = join(weightless, 'more', 'group2.bin');
  rmSync(weights);
  for (const [path, named, expected] of [
    [missing, missing, 'a directory or a model.json'],
    [empty, join(empty, 'model.json'), 'a file that can be read'],
    [weightless, weights, 'a weights file'],
  ]) {
    const error = await errorOf(() => fileSystem(path).load!());
    expect(error.message).toBe(
      `${named}: expected ${expected}, but got 'ENOENT: no such file or directory'.`,
    );
    expect(error.cause).toMatchObject({code: 'ENOENT'});
  }
});

test('a directory in place of a weights file is named', async () => {
  const directory = write(SHARDED, SHARDS);
  const weights = join(directory, 'more', 'group2.bin');
  rmSync(weights);
  mkdirSync(weights);
  const {message} = await errorOf(() => fileSystem(directory).load!());
  expect(message).toBe(`${weights}: expected a weights file, but got 'a directory'.`);
});

test('a weights file that cannot be read is named with the cause', async () => {
  const directory = newDirectory();
  await fileSystem(directory).save!(artifactsOf(1));
  for (const name of ['open', 'read']) {
    const faults = injectFaults((call) => (call.name === name ? 'fails' : 'done'));
    const error = await errorOf(() => fileSystem(directory).load!());
    await faults.restore();
    expect(error.message).toBe(
      `${join(directory, 'weights.bin')}: expected 16 bytes to read, but got 'EIO: i/o error'.`,
    );
    expect(error.cause).toMatchObject({syscall: name});
  }
});

test.each(['stat', 'open', 'read'])(
  'a model saved while %s runs is loaded instead',
  async (name) => {
    const directory = newDirectory();
    await fileSystem(directory).save!(artifactsOf(1, 4));
    const other = newDirectory();
    await fileSystem(other).save!(artifactsOf(2, 8));
    let saved = false;
    const faults = injectFaults((call) => {
      // The second `stat` is that of the weights.
      if (!saved && call.name === name && (name !== 'stat' || call.nth === 1)) {
        saved = true;
        for (const file of ['weights.bin', 'model.json']) {
          renameSync(join(other, file), join(directory, file));
        }
      }
      return 'done';
    });
    const loaded = await fileSystem(directory).load!();
    await faults.restore();
    expect(saved).toBe(true);
    expect(valueOf(loaded)).toBe(2);
  },
);

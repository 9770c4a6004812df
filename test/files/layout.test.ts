import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {brotliDecompressSync, gunzipSync} from 'node:zlib';

import type {io} from '@tensorflow/tfjs-core';

import {fileSystem} from '../../lib/files/node/index';
import {artifactsOf, filesIn, readModelJSON, temporaryDirectories, valueOf} from './node/support';

const newDirectory = temporaryDirectories();

const load = async (directory: string) => valueOf(await fileSystem(directory).load!());

/** The bytes of the files that the model names. */
function shards(directory: string): number[] {
  const {weightsManifest} = readModelJSON(directory);
  return weightsManifest[0].paths.map((path) => readFileSync(join(directory, path)).length);
}

/** `artifacts`, with the weights in parts of `size` bytes. */
function split({weightData, ...rest}: io.ModelArtifacts, size: number): io.ModelArtifacts {
  const data = weightData as ArrayBuffer;
  const parts = Array.from({length: Math.ceil(data.byteLength / size)}, (_, i) =>
    data.slice(i * size, (i + 1) * size),
  );
  return {...rest, weightData: parts};
}

describe('shards', () => {
  test.each([
    [400, [400]],
    [399, [399, 1]],
    [200, [200, 200]],
    [150, [150, 150, 100]],
    [undefined, [400]],
  ])('of %p bytes hold 400 as %p', async (shardBytes, sizes) => {
    for (const partBytes of [1000, 7]) {
      const directory = newDirectory();
      const artifacts = split(artifactsOf(3, 100), partBytes);
      await fileSystem(directory, {shardBytes}).save!(artifacts);
      expect(shards(directory)).toEqual(sizes);
      expect(await load(directory)).toBe(3);
      const {paths} = readModelJSON(directory).weightsManifest[0];
      const names = sizes.map((_, i) => `group1-shard${i + 1}of${sizes.length}.bin`);
      expect(paths).toEqual(sizes.length > 1 ? names : ['weights.bin']);
    }
  });

  test('of an earlier save go, and no other file', async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'other.bin'), 'mine');
    for (const shardBytes of [100, 150, undefined, 100]) {
      await fileSystem(directory, {shardBytes}).save!(artifactsOf(shardBytes ?? 0, 100));
      expect(await load(directory)).toBe(shardBytes ?? 0);
      const {paths} = readModelJSON(directory).weightsManifest[0];
      expect(filesIn(directory)).toEqual(['model.json', 'other.bin', ...paths].sort());
    }
  });
});

describe('precompress', () => {
  test('writes copies that decompress to the files', async () => {
    const directory = newDirectory();
    const layout = {shardBytes: 300, precompress: ['gzip', 'br']} as const;
    await fileSystem(directory, layout).save!(artifactsOf(3, 100));
    const names = ['model.json', 'group1-shard1of2.bin', 'group1-shard2of2.bin'];
    const all = names.flatMap((name) => [name, `${name}.br`, `${name}.gz`]);
    expect(filesIn(directory)).toEqual(all.sort());
    const read = (name: string) => readFileSync(join(directory, name));
    for (const name of names) {
      expect(gunzipSync(read(`${name}.gz`))).toEqual(read(name));
      expect(brotliDecompressSync(read(`${name}.br`))).toEqual(read(name));
    }
    expect(read('group1-shard1of2.bin.br').length).toBeLessThan(50);
  });

  test('leaves no copy of an earlier model, which a server would prefer', async () => {
    const directory = newDirectory();
    const layout = {shardBytes: 300, precompress: ['gzip', 'br']} as const;
    await fileSystem(directory, layout).save!(artifactsOf(3, 100));
    await fileSystem(directory).save!(artifactsOf(4, 100));
    expect(filesIn(directory)).toEqual(['model.json', 'weights.bin']);
    await fileSystem(directory, {precompress: ['gzip']}).save!(artifactsOf(5, 100));
    await fileSystem(directory, {precompress: ['br']}).save!(artifactsOf(6, 100));
    const names = ['model.json', 'model.json.br', 'weights.bin', 'weights.bin.br'];
    expect(filesIn(directory)).toEqual(names);
    expect(await load(directory)).toBe(6);
  });
});

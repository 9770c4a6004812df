import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {io} from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {PruningError} from '../../../lib/base/errors';
import {fileSystem} from '../../../lib/files/node/index';
import {openModel} from '../../../lib/files/node/open_model';
import {saveWeights} from '../../../lib/files/node/save';
import type {StoredWeight} from '../../../lib/files/quantize/stored_weight';
import {errorOf, filesIn, temporaryDirectories} from './support';

const newDirectory = temporaryDirectories();
const artifacts = {modelTopology: {class_name: 'Sequential'}, format: 'layers-model'};

/** A weight of any bytes: of strings each lies behind its length. */
const weight = fc
  .tuple(
    fc.constantFrom('float32', 'int32', 'bool', 'complex64', 'string', 'uint8'),
    fc.array(fc.uint8Array({minLength: 8, maxLength: 8}), {maxLength: 6}),
  )
  .map(([dtype, values]): Omit<StoredWeight, 'spec'> & {spec: Partial<io.WeightsManifestEntry>} => {
    const shape = [values.length];
    switch (dtype) {
      case 'uint8': {
        const quantization = {dtype, scale: 1, min: 0} as const;
        const bytes = Uint8Array.from(values, (value) => value[0]);
        return {spec: {shape, dtype: 'float32', quantization}, bytes};
      }
      case 'string': {
        const parts = values.flatMap((value) => [
          value[0] % 9,
          0,
          0,
          0,
          ...value.slice(0, value[0] % 9),
        ]);
        return {spec: {shape, dtype}, bytes: Uint8Array.from(parts)};
      }
      default: {
        const size = {bool: 1, complex64: 8}[dtype as string] ?? 4;
        const bytes = Uint8Array.from(values.flatMap((value) => [...value.subarray(0, size)]));
        return {spec: {shape, dtype: dtype as 'int32'}, bytes};
      }
    }
  });

const weights = fc
  .array(weight, {maxLength: 5})
  .map((all) =>
    all.map(({spec, bytes}, i) => ({spec: {...spec, name: `w${i}`}, bytes}) as StoredWeight),
  );

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
  }
  return found;
}

/** Writes groups of weights in shards that end at these bytes of each. */
function write(groups: readonly StoredWeight[][], borders: readonly number[]): string {
  const directory = newDirectory();
  const weightsManifest = groups.map((group, i) => {
    const bytes = Buffer.concat(group.map((one) => one.bytes));
    const inside = borders.map((border) => border % (bytes.length + 1)).sort((a, b) => a - b);
    const paths = [...inside, bytes.length].map((end, j) => {
      const path = `${i}/${j}.bin`;
      mkdirSync(join(directory, `${i}`), {recursive: true});
      writeFileSync(join(directory, path), bytes.subarray(inside[j - 1] ?? 0, end));
      return path;
    });
    return {paths, weights: group.map(({spec}) => spec)};
  });
  writeFileSync(join(directory, 'model.json'), JSON.stringify({...artifacts, weightsManifest}));
  return directory;
}

test('weights are the same wherever the shards end, empty ones too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(weights, {minLength: 1, maxLength: 3}),
      fc.array(fc.nat(200), {maxLength: 6}),
      async (groups, borders) => {
        const {weights, artifacts: read} = await openModel(write(groups, borders));
        const expected = groups.flat();
        expect(await all(weights())).toEqual(expected);
        // And once more.
        expect(await all(weights())).toEqual(expected);
        expect(read.weightSpecs).toEqual(expected.map(({spec}) => spec));
        expect(read.weightData).toBeUndefined();
      },
    ),
  );
});

test('what is saved weight by weight is what was, for shards of any size', async () => {
  await fc.assert(
    fc.asyncProperty(
      weights,
      fc.option(fc.integer({min: 1, max: 50}), {nil: undefined}),
      async (all, shardBytes) => {
        const directory = newDirectory();
        await saveWeights(directory, artifacts, all, {shardBytes});
        const {weightData, weightSpecs} = await fileSystem(directory).load!();
        const bytes = Buffer.concat(all.map((one) => one.bytes));
        expect(Buffer.from(weightData as ArrayBuffer)).toEqual(bytes);
        expect(weightSpecs).toEqual(all.map(({spec}) => spec));
        const files = Math.max(1, Math.ceil(bytes.length / (shardBytes ?? Infinity)));
        expect(filesIn(directory)).toHaveLength(files + 1);
      },
    ),
  );
});

test.each([-1, 1])('a group of %i byte more is an error before any weight', async (more) => {
  const one = {
    spec: {name: 'w', shape: [2], dtype: 'float32' as const},
    bytes: new Uint8Array(8 + more),
  };
  const directory = write([[one]], [3]);
  const {message} = await errorOf(() => openModel(directory));
  expect(message).toContain(`expected 8 bytes, the size of the weights that`);
  expect(message).toContain(`but got ${8 + more}.`);
});

test('a model that is saved meanwhile is an error', async () => {
  const one = {spec: {name: 'w', shape: [2], dtype: 'float32' as const}, bytes: new Uint8Array(8)};
  const directory = write([[one]], [3]);
  const {weights} = await openModel(directory);
  writeFileSync(join(directory, 'model.json'), '{}');
  expect((await errorOf(() => all(weights()))).message).toContain('that nothing saves meanwhile');
});

test('weights that fail leave nothing behind', async () => {
  const directory = newDirectory();
  const failing = async function* (): AsyncGenerator<StoredWeight> {
    yield {spec: {name: 'w', shape: [1], dtype: 'float32'}, bytes: new Uint8Array(4)};
    throw new PruningError('weights', 'more', 'none');
  };
  const save = () => saveWeights(join(directory, 'a/b'), artifacts, failing(), {shardBytes: 2});
  expect((await errorOf(save)).message).toContain('expected more');
  expect(filesIn(directory)).toEqual([]);
});

import {open, stat} from 'node:fs/promises';
import {dirname} from 'node:path';

import type {io} from '@tensorflow/tfjs-core';

import {check} from '../../base/check';
import {fileError} from './file_error';
import {insideFolder} from './inside';

/** Node's own limit of a single read is just below 2 GiB. */
const LARGEST_READ = 2 ** 30;

/** As errors name it. */
const WEIGHTS = 'a weights file';

/** A file of weights. */
export interface Shard {
  path: string;
  bytes: number;
}

/**
 * The files of a group of the model.json at `model`.
 *
 * @throws PruningError where one is missing, or outside the folder of the model.json.
 */
export function shardsOf(
  model: string,
  {paths}: io.WeightsManifestConfig[number],
): Promise<Shard[]> {
  return Promise.all(paths.map((path) => shard(dirname(model), path)));
}

/** Their paths, as errors name them. */
export function pathsOf(shards: readonly Shard[]): string {
  return shards.map(({path}) => path).join(', ');
}

async function shard(folder: string, name: string): Promise<Shard> {
  const path = await insideFolder(folder, name, WEIGHTS);
  const info = await stat(path).catch(fileError(path, WEIGHTS));
  check(info.isFile(), path, WEIGHTS, info.isDirectory() ? 'a directory' : 'no file');
  return {path, bytes: info.size};
}

/** Reads what lies from `start` on in the concatenation of `shards`, until `into` is full. */
export async function readShards(
  shards: readonly Shard[],
  start: number,
  into: Uint8Array,
): Promise<void> {
  let first = 0;
  for (const {path, bytes} of shards) {
    const from = Math.max(start - first, 0);
    const offset = Math.max(first - start, 0);
    if (from < bytes && offset < into.length) {
      await readInto(path, from, into.subarray(offset, offset + bytes - from));
    }
    first += bytes;
  }
}

async function readInto(path: string, start: number, into: Uint8Array): Promise<void> {
  const expected = `${into.byteLength} bytes to read`;
  try {
    const file = await open(path);
    try {
      let offset = 0;
      while (offset < into.byteLength) {
        const length = Math.min(into.byteLength - offset, LARGEST_READ);
        const {bytesRead} = await file.read(into, offset, length, start + offset);
        check(bytesRead > 0, path, expected, offset);
        offset += bytesRead;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    fileError(path, expected)(error);
  }
}

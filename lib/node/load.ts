import {open, readFile, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';

import {io} from '@tensorflow/tfjs-core';

import {checkWeightBytes} from '../artifacts/weight_bytes';
import {check} from '../validate';
import {fileError} from './file_error';
import {MODEL_FILE} from './model_files';
import {parseModelJSON} from './model_json';

/** Node's own limit of a single read is just below 2 GiB. */
const LARGEST_READ = 2 ** 30;

/** Loads the model of `path`, a directory or the `model.json` itself. */
export async function loadArtifacts(path: string): Promise<io.ModelArtifacts> {
  const model = await modelPath(path);
  const text = await readText(model);
  const [outcome] = await Promise.allSettled([readArtifacts(model, text)]);
  if ((await readText(model)) !== text) {
    // Saved meanwhile: the weights may be the new model's, or gone.
    return loadArtifacts(path);
  }
  if (outcome.status === 'rejected') {
    throw outcome.reason;
  }
  return outcome.value;
}

async function modelPath(path: string): Promise<string> {
  const info = await stat(path).catch(fileError(path, 'a directory or a model.json'));
  return info.isDirectory() ? join(path, MODEL_FILE) : path;
}

function readText(model: string): Promise<string> {
  return readFile(model, 'utf8').catch(fileError(model, 'a file that can be read'));
}

async function readArtifacts(model: string, text: string): Promise<io.ModelArtifacts> {
  const json = parseModelJSON(model, text);
  return io.getModelArtifactsForJSON(json, async (manifest) => [
    io.getWeightSpecs(manifest),
    await readWeights(model, manifest),
  ]);
}

/** All shards of all groups, read into one buffer. */
async function readWeights(
  model: string,
  manifest: io.WeightsManifestConfig,
): Promise<ArrayBuffer> {
  const groups = manifest.map(({paths, weights}) => ({
    paths: paths.map((path) => join(dirname(model), path)),
    weights,
  }));
  const shards = await Promise.all(groups.flatMap(({paths}) => paths.map(shard)));
  const size = shards.reduce((sum, {bytes}) => sum + bytes, 0);
  const data = new ArrayBuffer(size);
  let offset = 0;
  for (const {paths, weights} of groups) {
    const start = offset;
    for (const {path, bytes} of shards.splice(0, paths.length)) {
      await readShard(path, new Uint8Array(data, offset, bytes));
      offset += bytes;
    }
    const group = new Uint8Array(data, start, offset - start);
    checkWeightBytes(paths.join(', ') || model, model, weights, [group]);
  }
  return data;
}

async function shard(path: string): Promise<{path: string; bytes: number}> {
  const info = await stat(path).catch(fileError(path, 'a weights file'));
  check(info.isFile(), path, 'a weights file', info.isDirectory() ? 'a directory' : 'no file');
  return {path, bytes: info.size};
}

async function readShard(path: string, into: Uint8Array): Promise<void> {
  const expected = `${into.byteLength} bytes to read`;
  try {
    const file = await open(path);
    try {
      let offset = 0;
      while (offset < into.byteLength) {
        const length = Math.min(into.byteLength - offset, LARGEST_READ);
        const {bytesRead} = await file.read(into, offset, length);
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

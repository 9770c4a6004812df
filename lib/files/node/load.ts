import {readFile, stat} from 'node:fs/promises';

import {io} from '@tensorflow/tfjs-core';

import {checkTopology} from '../../model/check_topology';
import {checkWeightBytes} from '../artifacts/weight_bytes';
import {fileError} from './file_error';
import {insideFolder} from './inside';
import {MODEL_FILE} from './model_files';
import {parseModelJSON} from './model_json';
import {pathsOf, readShards, shardsOf} from './shards';

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

/** The `model.json` that `path` means. */
export async function modelPath(path: string): Promise<string> {
  const info = await stat(path).catch(fileError(path, 'a directory or a model.json'));
  return info.isDirectory() ? insideFolder(path, MODEL_FILE, 'a file that can be read') : path;
}

/** The content of a `model.json`. */
export function readText(model: string): Promise<string> {
  return readFile(model, 'utf8').catch(fileError(model, 'a file that can be read'));
}

async function readArtifacts(model: string, text: string): Promise<io.ModelArtifacts> {
  const json = parseModelJSON(model, text);
  checkTopology(model, json.modelTopology);
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
  const groups = await Promise.all(manifest.map((group) => shardsOf(model, group)));
  const sizes = groups.map((shards) => shards.reduce((sum, {bytes}) => sum + bytes, 0));
  const data = new ArrayBuffer(sizes.reduce((sum, size) => sum + size, 0));
  let offset = 0;
  for (const [i, {weights}] of manifest.entries()) {
    const group = new Uint8Array(data, offset, sizes[i]);
    await readShards(groups[i], 0, group);
    checkWeightBytes(pathsOf(groups[i]) || model, model, weights, [group]);
    offset += sizes[i];
  }
  return data;
}

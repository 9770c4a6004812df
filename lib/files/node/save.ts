import {mkdir} from 'node:fs/promises';
import {basename, join} from 'node:path';

import {io} from '@tensorflow/tfjs-core';

import {check} from '../../base/check';
import {type ByteParts, ByteSource} from '../artifacts/byte_source';
import {checkWeightBytes} from '../artifacts/weight_bytes';
import {weightChunks} from '../artifacts/weight_chunks';
import type {LayoutArgs} from '../layout';
import type {StoredWeights} from '../quantize/stored_weights';
import {fileError} from './file_error';
import {withLock} from './lock';
import {MODEL_FILE, WEIGHTS_FILE} from './model_files';
import {formatModelJSON} from './model_json';
import {replaceModel} from './replace_model';
import {removeEmpty} from './staging';

/** Saves `artifacts` into `directory`; nothing is written before all of them are found right. */
export async function saveArtifacts(
  directory: string,
  artifacts: io.ModelArtifacts,
  args: LayoutArgs = {},
): Promise<io.SaveResult> {
  const path = join(directory, WEIGHTS_FILE);
  const model = join(directory, MODEL_FILE);
  const chunks = weightChunks(path, artifacts.weightData);
  formatModelJSON(model, artifacts, []);
  checkWeightBytes(path, model, artifacts.weightSpecs ?? [], chunks);
  return save(directory, chunks, () => artifacts, args);
}

/** Saves a model of `weights` that are taken one at a time, and may be made only then. */
export async function saveWeights(
  directory: string,
  artifacts: io.ModelArtifacts,
  weights: StoredWeights,
  args: LayoutArgs = {},
): Promise<io.SaveResult> {
  formatModelJSON(join(directory, MODEL_FILE), artifacts, []);
  const weightSpecs: io.WeightsManifestEntry[] = [];
  const bytes = async function* () {
    for await (const weight of weights) {
      weightSpecs.push(weight.spec);
      yield weight.bytes;
    }
  };
  // The specs are known once all weights are written.
  return save(directory, bytes(), () => ({...artifacts, weightSpecs}), args);
}

async function save(
  directory: string,
  parts: ByteParts,
  artifactsOf: () => io.ModelArtifacts,
  {shardBytes, precompress}: LayoutArgs,
): Promise<io.SaveResult> {
  const model = join(directory, MODEL_FILE);
  const isDirectory = basename(directory) !== MODEL_FILE;
  check(isDirectory, directory, `a directory, into which ${MODEL_FILE} goes`, 'the name of a file');
  const source = new ByteSource(parts);
  const made = await mkdir(directory, {recursive: true}).catch(fileError(directory, 'a directory'));
  try {
    const format = (names: readonly string[]) => formatModelJSON(model, artifactsOf(), names);
    await withLock(model, () => replaceModel(directory, source, format, {shardBytes, precompress}));
  } catch (error) {
    await removeEmpty(directory, made);
    throw error;
  }
  return {
    modelArtifactsInfo: {
      ...io.getModelArtifactsInfoForJSON(artifactsOf()),
      weightDataBytes: source.position, // tfjs has undefined for an empty list.
    },
  };
}

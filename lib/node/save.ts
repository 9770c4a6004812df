import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {types} from 'node:util';

import {io} from '@tensorflow/tfjs-core';

import {check} from '../validate';
import {fileError} from './file_error';
import {formatModelJSON, MODEL_FILE, WEIGHTS_FILE} from './model_json';
import {replaceModel} from './replace_model';
import {checkWeightBytes, totalBytes} from './weight_bytes';

/** Saves `artifacts` into `directory`; nothing is written before all of them are found right. */
export async function saveArtifacts(
  directory: string,
  artifacts: io.ModelArtifacts,
): Promise<io.SaveResult> {
  const model = join(directory, MODEL_FILE);
  const format = (weightsFile: string) => formatModelJSON(model, artifacts, weightsFile);
  format(WEIGHTS_FILE);
  const weights = join(directory, WEIGHTS_FILE);
  const chunks = asChunks(weights, artifacts.weightData);
  checkWeightBytes(weights, model, artifacts.weightSpecs ?? [], chunks);

  await mkdir(directory, {recursive: true}).catch(fileError(directory, 'a directory'));
  await replaceModel(directory, chunks, format);
  return {
    modelArtifactsInfo: {
      ...io.getModelArtifactsInfoForJSON(artifacts),
      weightDataBytes: totalBytes(chunks), // tfjs has undefined for an empty list.
    },
  };
}

/**
 * Views of the weights, however they're split. tfjs's CompositeArrayBuffer
 * would join them, but copies, and gives zeros where the last part is longest.
 */
function asChunks(path: string, data: unknown): Uint8Array[] {
  const parts: unknown[] = Array.isArray(data) ? data : [data ?? new ArrayBuffer(0)];
  return parts.map((part) => {
    if (ArrayBuffer.isView(part)) {
      return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    }
    check(types.isAnyArrayBuffer(part), path, 'weightData of ArrayBuffers', part);
    return new Uint8Array(part);
  });
}

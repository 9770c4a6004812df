import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';

import {io} from '@tensorflow/tfjs-core';

import {checkWeightBytes} from '../artifacts/weight_bytes';
import {totalBytes, weightChunks} from '../artifacts/weight_chunks';
import {fileError} from './file_error';
import {MODEL_FILE, WEIGHTS_FILE, weightsFiles} from './model_files';
import {formatModelJSON} from './model_json';
import type {ContentEncoding} from './precompress';
import {replaceModel} from './replace_model';

/** How the files of a model are laid out. */
export interface LayoutArgs {
  /**
   * Bytes of a file of weights; a larger model gets several, `group1-shard1of3.bin`
   * and so on, which browsers cache and fetch one by one. Default: all in one.
   */
  shardBytes?: number;
  /**
   * Compressed copies to write beside the files, `weights.bin.gz` for `'gzip'`
   * and `weights.bin.br` for `'br'`, for servers of static files. Default: none.
   */
  precompress?: readonly ContentEncoding[];
}

/** Saves `artifacts` into `directory`; nothing is written before all of them are found right. */
export async function saveArtifacts(
  directory: string,
  artifacts: io.ModelArtifacts,
  {shardBytes = Infinity, precompress}: LayoutArgs = {},
): Promise<io.SaveResult> {
  const model = join(directory, MODEL_FILE);
  const format = (names: readonly string[]) => formatModelJSON(model, artifacts, names);
  const chunks = weightChunks(join(directory, WEIGHTS_FILE), artifacts.weightData);
  const files = weightsFiles(chunks, shardBytes);
  const names = files.map(({name}) => name);
  format(names);
  checkWeightBytes(join(directory, names[0]), model, artifacts.weightSpecs ?? [], chunks);

  await mkdir(directory, {recursive: true}).catch(fileError(directory, 'a directory'));
  await replaceModel(directory, files, format, precompress);
  return {
    modelArtifactsInfo: {
      ...io.getModelArtifactsInfoForJSON(artifacts),
      weightDataBytes: totalBytes(chunks), // tfjs has undefined for an empty list.
    },
  };
}

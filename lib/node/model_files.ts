import {readFile} from 'node:fs/promises';

import {partsBetween, totalBytes} from '../artifacts/weight_chunks';
import {parseModelJSON} from './model_json';

/** The names that tfjs and its tools look for; shards are named as its converter does. */
export const MODEL_FILE = 'model.json';
export const WEIGHTS_FILE = 'weights.bin';
const WEIGHTS_FILES = /^(?:weights|group1-shard\d+of\d+)\.bin$/;

/** A file of weights, and what is in it. */
export interface WeightsFile {
  name: string;
  chunks: readonly Uint8Array[];
}

/** Whether a save makes files of this name, or of which this is a compressed copy. */
export function isModelFile(name: string): boolean {
  const original = name.replace(/\.(?:gz|br)$/, '');
  return original === MODEL_FILE || WEIGHTS_FILES.test(original);
}

/** The weights as one file, or as shards of `shardBytes`, the last of which may be smaller. */
export function weightsFiles(chunks: readonly Uint8Array[], shardBytes: number): WeightsFile[] {
  const count = Math.ceil(totalBytes(chunks) / shardBytes);
  if (!(count > 1)) {
    return [{name: WEIGHTS_FILE, chunks}];
  }
  return Array.from({length: count}, (_, i) => ({
    name: `group1-shard${i + 1}of${count}.bin`,
    chunks: partsBetween(chunks, i * shardBytes, (i + 1) * shardBytes),
  }));
}

/** The files of weights that a save made for the model that is there, if any. */
export async function weightsFilesOf(model: string): Promise<string[]> {
  try {
    const {weightsManifest} = parseModelJSON(model, await readFile(model, 'utf8'));
    const paths = weightsManifest.flatMap((group) => group.paths);
    return paths.filter((path) => WEIGHTS_FILES.test(path));
  } catch {
    return [];
  }
}

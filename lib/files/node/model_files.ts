import {readFile} from 'node:fs/promises';

import {parseModelJSON} from './model_json';

/** The names that tfjs and its tools look for; shards are named as its converter does. */
export const MODEL_FILE = 'model.json';
export const WEIGHTS_FILE = 'weights.bin';
const WEIGHTS_FILES = /^(?:weights|group1-shard\d+of\d+)\.bin$/;

/** Whether a save makes files of this name, or of which this is a compressed copy. */
export function isModelFile(name: string): boolean {
  const original = name.replace(/\.(?:gz|br)$/, '');
  return original === MODEL_FILE || WEIGHTS_FILES.test(original);
}

/** The names of the weights' files, where there are so many. */
export function weightsFileNames(count: number): string[] {
  return count === 1
    ? [WEIGHTS_FILE]
    : Array.from({length: count}, (_, i) => `group1-shard${i + 1}of${count}.bin`);
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

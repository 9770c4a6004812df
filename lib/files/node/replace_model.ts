import {rm} from 'node:fs/promises';
import {basename, join} from 'node:path';

import type {ByteSource} from '../artifacts/byte_source';
import type {LayoutArgs} from '../layout';
import {fileError} from './file_error';
import {
  isModelFile,
  MODEL_FILE,
  WEIGHTS_FILE,
  weightsFileNames,
  weightsFilesOf,
} from './model_files';
import {removeCompressed, writeCompressed} from './precompress';
import {duplicate, moveInto, stagedPath, sweep, write} from './staging';

const WRITABLE = 'a file that can be written';

/**
 * Replaces the model in `directory` such that a failure or a kill at any
 * moment leaves the old model or the new one, never a mixture.
 *
 * Several files can't be renamed as one. But `model.json` names its weights, so its
 * rename alone can decide, if no file that the old one names is touched before:
 *
 * 1. The weights, then a `model.json` that names them, are written in full
 *    beside the old files, under names that no one has used.
 * 2. That `model.json` is renamed over the old one: the model is saved.
 * 3. No one needs the old weights now. The new ones take their names, as hard
 *    links, and only then does a `model.json` that says so replace the one of
 *    step 2. Each file that is named stays whole throughout.
 * 4. What has no use any more goes, and with it what killed saves left.
 *
 * So a finished save has the standard names, and an unfinished one loads too.
 * Compressed copies of the old files go before step 2: a server would prefer
 * them to the new files. Those of the new files come last.
 *
 * @param weights Taken as they are written.
 * @param format Makes the text of `model.json`, given the names of the weights' files,
 *   once these are written.
 * @throws PruningError where steps 1 and 2 fail; the old model is in place. And
 *   where a compressed copy can't be written; the new model is.
 */
export async function replaceModel(
  directory: string,
  weights: ByteSource,
  format: (weightsFiles: readonly string[]) => string,
  {shardBytes = Infinity, precompress = []}: LayoutArgs,
): Promise<void> {
  const model = join(directory, MODEL_FILE);
  const old = await weightsFilesOf(model);
  const staged = stagedPath(model);
  const stagedWeights: string[] = [];
  let names: string[] = [];
  try {
    do {
      const path = join(directory, old[stagedWeights.length] ?? WEIGHTS_FILE);
      const shard = stagedPath(join(directory, WEIGHTS_FILE));
      stagedWeights.push(shard);
      await write(shard, weights.take(shardBytes), path).catch(fileError(path, WRITABLE));
    } while (await weights.more());
    names = weightsFileNames(stagedWeights.length);
    const text = format(stagedWeights.map((path) => basename(path)));
    await write(staged, text, model)
      .then(() => removeCompressed(directory, [MODEL_FILE, ...old, ...names]))
      .then(() => moveInto(staged, model))
      .catch(fileError(model, WRITABLE));
  } catch (error) {
    // Only what this save made: an old model may still name other staged files.
    await Promise.allSettled([staged, ...stagedWeights].map((path) => rm(path)));
    throw error;
  }
  const inUse = await settle(directory, names, stagedWeights, format);
  await sweep(directory, isModelFile, inUse);
  const unused = old.filter((name) => ![...names, ...inUse].includes(name));
  await Promise.allSettled(unused.map((name) => rm(join(directory, name))));

  for (const name of [MODEL_FILE, ...inUse]) {
    await writeCompressed(join(directory, name), precompress);
  }
}

/**
 * Step 3. Gives the names of the weights' files in the end. Fails silently: the
 * model is saved, if under other names, and the next save tries again.
 */
async function settle(
  directory: string,
  names: readonly string[],
  stagedWeights: readonly string[],
  format: (weightsFiles: readonly string[]) => string,
): Promise<readonly string[]> {
  const model = join(directory, MODEL_FILE);
  const staged = stagedPath(model);
  try {
    for (const [i, name] of names.entries()) {
      const weights = join(directory, name);
      const copy = stagedPath(weights);
      await duplicate(stagedWeights[i], copy);
      await moveInto(copy, weights);
    }
    await write(staged, format(names), model);
    await moveInto(staged, model);
    return names;
  } catch {
    return stagedWeights.map((path) => basename(path));
  }
}

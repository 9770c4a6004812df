import {rm} from 'node:fs/promises';
import {basename, join} from 'node:path';

import {fileError} from './file_error';
import {MODEL_FILE, WEIGHTS_FILE} from './model_json';
import {duplicate, moveInto, stagedPath, sweep, write} from './staging';

const WRITABLE = 'a file that can be written';

/**
 * Replaces the model in `directory` such that a failure or a kill at any
 * moment leaves the old model or the new one, never a mixture.
 *
 * Two files can't be renamed as one. But `model.json` names its weights, so its
 * rename alone can decide, if no file that the old one names is touched before:
 *
 * 1. The weights, then a `model.json` that names them, are written in full
 *    beside the old files, under names that no one has used.
 * 2. That `model.json` is renamed over the old one: the model is saved.
 * 3. No one needs the old `weights.bin` now. The new weights take its name, as
 *    a hard link, and only then does a `model.json` that says so replace the one
 *    of step 2. Each file that is named stays whole throughout.
 * 4. What has no use any more goes, and with it what killed saves left.
 *
 * So a finished save has the standard names, and an unfinished one loads too.
 *
 * @param chunks The weights, written one after the other.
 * @param format Makes the text of `model.json`, given the weights' file name.
 * @throws PruningError where steps 1 and 2 fail; the old model is in place.
 */
export async function replaceModel(
  directory: string,
  chunks: readonly Uint8Array[],
  format: (weightsFile: string) => string,
): Promise<void> {
  const model = join(directory, MODEL_FILE);
  const weights = join(directory, WEIGHTS_FILE);
  const staged = {model: stagedPath(model), weights: stagedPath(weights)};
  try {
    await write(staged.weights, chunks, weights).catch(fileError(weights, WRITABLE));
    await write(staged.model, format(basename(staged.weights)), model)
      .then(() => moveInto(staged.model, model))
      .catch(fileError(model, WRITABLE));
  } catch (error) {
    // Only what this save made: an old model may still name other staged files.
    await Promise.allSettled([rm(staged.model), rm(staged.weights)]);
    throw error;
  }
  await sweep(directory, await settle(model, weights, staged.weights, format));
}

/**
 * Step 3. Gives the name of the weights' file in the end. Fails silently: the
 * model is saved, if under another name, and the next save tries again.
 */
async function settle(
  model: string,
  weights: string,
  stagedWeights: string,
  format: (weightsFile: string) => string,
): Promise<string> {
  const staged = {model: stagedPath(model), weights: stagedPath(weights)};
  try {
    await duplicate(stagedWeights, staged.weights);
    await moveInto(staged.weights, weights);
    await write(staged.model, format(WEIGHTS_FILE), model);
    await moveInto(staged.model, model);
    return WEIGHTS_FILE;
  } catch {
    return basename(stagedWeights);
  }
}

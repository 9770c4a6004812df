import {rm} from 'node:fs/promises';
import {basename, join} from 'node:path';

import {fileError} from './file_error';
import {isModelFile, MODEL_FILE, weightsFilesOf, type WeightsFile} from './model_files';
import {removeCompressed, writeCompressed, type ContentEncoding} from './precompress';
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
 * @param files The weights.
 * @param format Makes the text of `model.json`, given the names of the weights' files.
 * @param encodings Which compressed copies to make.
 * @throws PruningError where steps 1 and 2 fail; the old model is in place. And
 *   where a compressed copy can't be written; the new model is.
 */
export async function replaceModel(
  directory: string,
  files: readonly WeightsFile[],
  format: (weightsFiles: readonly string[]) => string,
  encodings: readonly ContentEncoding[] = [],
): Promise<void> {
  const model = join(directory, MODEL_FILE);
  const names = files.map(({name}) => name);
  const old = await weightsFilesOf(model);
  const staged = stagedPath(model);
  const stagedWeights = names.map((name) => stagedPath(join(directory, name)));
  try {
    for (const [i, {name, chunks}] of files.entries()) {
      const path = join(directory, name);
      await write(stagedWeights[i], chunks, path).catch(fileError(path, WRITABLE));
    }
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

  const text = new TextEncoder().encode(format(inUse));
  const compressible = [
    {name: MODEL_FILE, chunks: [text]},
    ...files.map(({chunks}, i) => ({name: inUse[i], chunks})),
  ];
  for (const {name, chunks} of encodings.length > 0 ? compressible : []) {
    await writeCompressed(join(directory, name), chunks, encodings);
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

import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {checkSamples, type Samples} from '../data/samples';

/** What a module of data exports. */
export interface DataModule {
  train: Samples;
  validation?: Samples;
  calibration?: Samples;
  /** What no step sees: judges the model before and after. */
  test?: Samples;
}

const NAMES = ['train', 'validation', 'calibration', 'test'] as const;

/**
 * The data that the ES module at `path` exports under these names: each
 * `{x, y, batchSize}` of tensors, or a dataset of batches `{xs, ys}`.
 *
 * @throws PruningError where it can't be imported, or exports something else.
 */
export async function importData(path: string): Promise<DataModule> {
  const exported: Record<string, unknown> = await import(pathToFileURL(resolve(path)).href).catch(
    (cause: unknown) => {
      const reason = cause instanceof Error ? cause.message.split('\n')[0] : cause;
      throw new PruningError(path, 'an ES module that can be imported', reason, {cause});
    },
  );
  const names = Object.keys(exported).join(', ') || 'nothing';
  check(exported.train !== undefined, path, "a module that exports 'train'", names);
  const given = NAMES.filter((name) => exported[name] !== undefined);
  given.forEach((name) => checkSamples(`${path}: ${name}`, exported[name]));
  return Object.fromEntries(given.map((name) => [name, exported[name]])) as unknown as DataModule;
}

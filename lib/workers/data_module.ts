import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {checkSamples, type Samples} from '../data/samples';
import {checkModel} from '../model/check_model';

/** What a module of data exports. */
export interface DataModule {
  train?: Samples;
  validation?: Samples;
  calibration?: Samples;
  /** What no step sees: judges the model before and after. */
  test?: Samples;
  /** The compiled model, where a loss of it is a function. */
  model?: LayersModel;
  /** What to judge by, where that is a function. */
  metric?: (model: LayersModel) => number | Promise<number>;
}

const NAMES = ['train', 'validation', 'calibration', 'test'] as const;

/** What a module of data may export. */
export type DataName = (typeof NAMES)[number];

/**
 * The data that the ES module at `path` exports under these names: each
 * `{x, y, batchSize}` of tensors, or a dataset of batches `{xs, ys}`.
 *
 * @param needed What it must export.
 * @throws PruningError where it can't be imported, or exports something else.
 */
export async function importData<T extends DataName = 'train'>(
  path: string,
  needed: readonly T[] = ['train' as T],
): Promise<DataModule & Record<T, Samples>> {
  const exported = await importModule(path);
  const names = Object.keys(exported).join(', ') || 'nothing';
  needed.forEach((name) =>
    check(exported[name] !== undefined, path, `a module that exports '${name}'`, names),
  );
  const given = NAMES.filter((name) => exported[name] !== undefined);
  given.forEach((name) => checkSamples(`${path}: ${name}`, exported[name]));
  const {model, metric} = exported;
  if (model !== undefined) {
    checkModel(model);
  }
  const isFunction = metric === undefined || typeof metric === 'function';
  check(isFunction, `${path}: metric`, 'a function of the model', metric);
  const all = [...given, 'model', 'metric'].filter((name) => exported[name] !== undefined);
  return Object.fromEntries(all.map((name) => [name, exported[name]])) as unknown as DataModule &
    Record<T, Samples>;
}

/** What the ES module at `path` exports, and what its promises become. */
export async function importModule(path: string): Promise<Record<string, unknown>> {
  try {
    const exported = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
    const entries = Object.entries(exported).map(async ([name, value]) => [name, await value]);
    return Object.fromEntries(await Promise.all(entries)) as Record<string, unknown>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : cause;
    throw new PruningError(path, 'an ES module that can be imported', reason, {cause});
  }
}

import {stat} from 'node:fs/promises';
import {extname} from 'node:path';

import type {Tensor} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import type {DataName} from '../workers/data_module';
import type {DataOptions} from './data_options';
import {readImages} from './images/read_images';
import {readInput} from './input_data';
import type {InputSpec} from './input_spec';
import {importInputs} from './module_inputs';
import {type Preprocessing, preprocessingOf} from './preprocessing';

const MODULES: ReadonlySet<string> = new Set(['.js', '.mjs']);

/** What is read from `--data`, and for which model. */
export interface ExampleArgs {
  /** What of a module is read, the first that is there. */
  names: readonly DataName[];
  /** Examples that are wanted. */
  most: number;
  /** How the model is known to take bytes. */
  known: Preprocessing;
}

/**
 * Examples at `path` for each input of a model: of a file of NumPy's or MNIST's
 * format, of an ES module, or of a folder of images.
 *
 * @throws PruningError where there are none, or they do not fit.
 */
export async function readExamplesAt(
  path: string,
  inputs: readonly InputSpec[],
  options: DataOptions,
  {names, most, known}: ExampleArgs,
): Promise<Tensor[]> {
  const preprocessing = preprocessingOf(options, known);
  if (MODULES.has(extname(path))) {
    return importInputs(path, inputs, names, most);
  }
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
  check(inputs.length === 1, '--data', 'an ES module, for a model with several inputs', path);
  if (isFolder) {
    return [await readImages(path, inputs[0], most, options, preprocessing)];
  }
  for (const name of ['size', 'crop'] as const) {
    check(options[name] === undefined, `--${name}`, 'none but for a folder of images', path);
  }
  return [await readInput(path, inputs[0], most, preprocessing)];
}

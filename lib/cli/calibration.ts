import {dispose, type Tensor} from '@tensorflow/tfjs-core';

import {check, checkInteger} from '../base/check';
import {PruningError} from '../base/errors';
import type {SampleTensors} from '../data/samples';
import type {ReconstructReport} from '../reconstruct/reconstruct';
import type {ReconstructProgress} from '../reconstruct/sequence';
import type {CalibrationOptions} from './data_options';
import {readExamplesAt} from './examples';
import type {InputSpec} from './input_spec';
import type {StoredModel} from './model_file';
import {percent} from './output';
import {knownPreprocessing} from './preprocessing';
import {ProgressBar} from './progress';

/** Examples to look at, where the options do not say how many. */
const EXAMPLES = 512;
/** What is read of a module, the best first. */
const NAMES = ['calibration', 'train', 'validation', 'test'] as const;

/** What functions of the library take, to calibrate by. */
export interface CalibrationArgs {
  calibration: SampleTensors;
  onProgress: (progress: ReconstructProgress) => void;
}

/** What a reconstruction by so many examples did. */
export interface Reconstruction extends ReconstructReport {
  examples: number;
}

/** Throws where options are given that mean nothing without `--data`. */
export function checkCalibrationOptions(options: CalibrationOptions & {mask?: string}): void {
  const {data, examples} = options;
  const names = [
    'examples',
    'backend',
    'mask',
    'range',
    'mean',
    'std',
    'bgr',
    'size',
    'crop',
  ] as const;
  for (const name of names) {
    check(
      data !== undefined || options[name] === undefined,
      `--${name}`,
      'none without --data',
      options[name],
    );
  }
  if (examples !== undefined) {
    checkInteger('--examples', examples, 1);
  }
}

/**
 * Reads the examples that `--data` names, and runs `prune` with them. Without, with nothing.
 *
 * @throws PruningError where there are none, or the model does not take them.
 */
export async function withCalibration<T extends ReconstructReport>(
  stored: StoredModel,
  inputs: readonly InputSpec[],
  options: CalibrationOptions,
  prune: (args: Partial<CalibrationArgs>) => Promise<T>,
): Promise<T & {reconstruction?: Reconstruction}> {
  const {data, examples: most = EXAMPLES} = options;
  if (data === undefined) {
    return prune({});
  }
  const known = knownPreprocessing(stored);
  const x = await readExamplesAt(data, inputs, options, {names: NAMES, most, known});
  const bar = new ProgressBar('Reconstructing');
  try {
    const {examples, calibration} = inBatches(data, x, inputs);
    const onProgress = ({done, total}: ReconstructProgress) => bar.reach(done, total);
    const done = await prune({calibration, onProgress});
    const {layers, left} = done;
    return {...done, reconstruction: {examples, layers, left}};
  } catch (error) {
    throw ofData(data, error);
  } finally {
    bar.stop();
    dispose(x);
  }
}

/** One line on what was gained, and one for each weight that was left. */
export function printReconstruction(reconstruction: Reconstruction | undefined): void {
  if (reconstruction === undefined) {
    return;
  }
  const {examples, layers, left} = reconstruction;
  const mean = (errors: number[]) =>
    percent(errors.reduce((sum, error) => sum + error, 0) / errors.length);
  if (layers.length > 0) {
    console.log(
      `Adjusted the kept weights of ${layers.length} layers with ${examples} examples: their ` +
        `outputs differ by ${mean(layers.map(({after}) => after))} of the variance on average, ` +
        `instead of ${mean(layers.map(({before}) => before))}.`,
    );
  }
  left.forEach(({name, reason}) => console.log(`Not adjusted: ${name}, because ${reason}.`));
}

/** Whole batches, where a model has the size of a batch fixed. */
function inBatches(data: string, x: Tensor[], inputs: readonly InputSpec[]) {
  const [count] = x[0].shape;
  const fixed = inputs.map(({shape}) => shape?.[0] ?? -1).find((size) => size > 0);
  if (fixed === undefined) {
    return {examples: count, calibration: {x}};
  }
  check(count % fixed === 0, data, `examples for whole batches of ${fixed}`, count);
  return {examples: count, calibration: {x, batchSize: fixed}};
}

/** What is wrong with the samples is so of what they were read from. */
function ofData(data: string, error: unknown): unknown {
  if (error instanceof PruningError && /^calibration\b/.test(error.argument)) {
    return new PruningError(data, error.expected, error.received, {cause: error});
  }
  return error;
}

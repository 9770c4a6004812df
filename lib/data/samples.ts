import {Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOptions} from '../base/check';

/** Samples in memory, as `fit` and `evaluate` take them. */
export interface SampleTensors {
  /** Inputs, with the samples on the first axis; a list for a model with several inputs. */
  x: Tensor | Tensor[];
  /**
   * Targets, with the samples on the first axis; a list for a model with several outputs.
   * Needed only to compute a loss.
   */
  y?: Tensor | Tensor[];
  /** Samples per batch, at least 1. Default: 32, or 128 to evaluate. */
  batchSize?: number;
}

/** A dataset as `fitDataset` takes it, such as a `tf.data.Dataset`: batches `{xs, ys}`. */
export type SampleDataset = Parameters<LayersModel['fitDataset']>[0];

/** Samples to train, evaluate or calibrate with: tensors, or a finite dataset of `{xs, ys}`. */
export type Samples = SampleTensors | SampleDataset;

/** What of the samples is used. */
export type Part = 'inputs' | 'targets';

/** Throws unless `samples` is of the right form. Shapes are checked once the model is known. */
export function checkSamples(
  argument: string,
  samples: unknown,
  part: Part = 'targets',
): asserts samples is Samples {
  const expected = 'data {x, y} or a dataset of {xs, ys}';
  check(typeof samples === 'object' && samples !== null, argument, expected, samples);
  if (isDataset(samples)) {
    const {size} = samples;
    check(size !== Infinity, argument, 'a finite dataset: dataset.take(8)', 'an endless one');
    check(size !== 0, argument, 'at least one batch', 'an empty dataset');
    return;
  }
  const isBare = samples instanceof Tensor || Array.isArray(samples);
  check(!isBare, argument, `${expected}, not x and y one by one`, 'tensors');
  checkOptions(argument, samples, ['x', 'y', 'batchSize']);
  const {x, y, batchSize = 1} = samples as SampleTensors;
  checkTensors(`${argument}.x`, x);
  if (part === 'targets' || y !== undefined) {
    checkTensors(`${argument}.y`, y);
  }
  checkInteger(`${argument}.batchSize`, batchSize, 1);
}

/** Throws unless `value` is a tensor or a list of tensors, with at least one sample. */
export function checkTensors(argument: string, value: unknown): asserts value is Tensor | Tensor[] {
  const list: unknown[] = [value].flat();
  const areTensors = list.length > 0 && list.every((each) => each instanceof Tensor);
  check(areTensors, argument, 'a tensor, or a list of tensors', value);
  const areInUse = list.every((each) => !(each as Tensor).isDisposed);
  check(areInUse, argument, 'tensors in use', 'a disposed one');
  check((list[0] as Tensor).shape[0] > 0, argument, 'at least one sample', 'none');
}

/** Whether `samples` is a dataset rather than tensors. */
export function isDataset(samples: unknown): samples is SampleDataset {
  return typeof (Object(samples) as Partial<SampleDataset>).iterator === 'function';
}

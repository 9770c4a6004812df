import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {recalibrateNormalization} from 'tfjs-prune';

import {type Batch, batches, type Digits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';

/** Samples of `train` that the statistics are measured on. */
export const SAMPLES = 1024;
const BATCH = 128;

/**
 * Accuracy in % on `test` after `recalibrateNormalization` with the first samples of
 * `train`; nothing for a model without batch normalization.
 */
export async function recalibratedAccuracy(
  model: LayersModel,
  train: Digits,
  test: Digits,
): Promise<number | undefined> {
  if (!model.layers.some((layer) => layer.getClassName() === 'BatchNormalization')) {
    return undefined;
  }
  const {xs, ys} = await firstSamples(train, SAMPLES);
  await recalibrateNormalization(model, {x: xs, batchSize: BATCH});
  tf.dispose([xs, ys]);
  return 100 * (await accuracy(model, test));
}

/** The first samples, which the caller owns. */
export async function firstSamples(digits: Digits, count: number): Promise<Batch> {
  const iterator = await batches(digits, count).iterator();
  return (await iterator.next()).value as Batch;
}

import type {LayersModel} from '@tensorflow/tfjs-layers';
import {pruneNow} from 'tfjs-prune';

import {batches, type Digits} from './data';
import type {Options} from './options';

/** Images to solve by. Their labels are not looked at. */
const IMAGES = 512;

/** Prunes at once, and solves for what is left. */
export async function pruneByInputs(
  {batchSize, finalSparsity}: Options,
  train: Digits,
  model: LayersModel,
): Promise<void> {
  const some = {...train, count: Math.min(train.count, IMAGES)};
  const {layers} = await pruneNow(model, {
    sparsity: finalSparsity,
    scope: 'global',
    calibration: batches(some, batchSize),
  });
  const share = (error: number) => `${(100 * error).toFixed(1)} %`;
  layers.forEach(({name, before, after}) =>
    console.log(
      `${name}: outputs differ by ${share(after)} of their variance, before ${share(before)}`,
    ),
  );
}

import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';

import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {batches, type Digits} from './data';

/** Share of `digits` that `model` gets right. */
export async function accuracy(model: LayersModel, digits: Digits): Promise<number> {
  const result = await model.evaluateDataset(batches(digits, 1000), {});
  const [loss, correct] = result as tf.Scalar[];
  const [share] = await correct.data();
  tf.dispose([loss, correct]);
  return share;
}

/** Bytes of the weights file in `folder`: as they are, and by gzip -9. */
export function weightBytes(folder: string): {raw: number; gzip: number} {
  const bytes = readFileSync(join(folder, 'weights.bin'));
  return {raw: bytes.length, gzip: gzipSync(bytes, {level: 9}).length};
}

/** Median milliseconds of a prediction of `batchSize` images, the models in turn. */
export async function latency(
  models: readonly LayersModel[],
  batchSize: number,
  rounds: number,
): Promise<number[]> {
  const images = tf.randomUniform([batchSize, 28, 28, 1]);
  const times: number[][] = models.map(() => []);
  for (let round = 0; round <= rounds; ++round) {
    for (let turn = 0; turn < models.length; ++turn) {
      // Every other round backwards, so that no model always follows the same one.
      const i = round % 2 ? turn : models.length - 1 - turn;
      const start = performance.now();
      const output = models[i].predict(images) as tf.Tensor;
      await output.data();
      if (round > 0) {
        times[i].push(performance.now() - start);
      }
      output.dispose();
    }
  }
  images.dispose();
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
}

import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';

import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';
import {fileSystem} from 'tfjs-prune/node';

import {batches, type Digits} from './data';
import {compile} from './models';
import {inTurns} from './turns';

/** Share of `digits` that `model` gets right. */
export async function accuracy(model: LayersModel, digits: Digits): Promise<number> {
  const result = await model.evaluateDataset(batches(digits, 1000), {});
  const [loss, correct] = result as tf.Scalar[];
  const [share] = await correct.data();
  tf.dispose([loss, correct]);
  return share;
}

/** A model as it comes out of its file. */
export interface SavedModel {
  model: LayersModel;
  accuracy: number;
  /** Bytes of the weights file: as they are, and by gzip -9. */
  bytes: {raw: number; gzip: number};
}

/** Loads the model in `folder` with the stock loader, and looks how it does. */
export async function reload(folder: string, digits: Digits): Promise<SavedModel> {
  const model = await loadLayersModel(fileSystem(folder));
  compile(model);
  const bytes = readFileSync(join(folder, 'weights.bin'));
  return {
    model,
    accuracy: await accuracy(model, digits),
    bytes: {raw: bytes.length, gzip: gzipSync(bytes, {level: 9}).length},
  };
}

/** Number of trainable parameters. */
export function parameters(model: LayersModel): number {
  return model.trainableWeights.reduce(
    (all, {shape}) => all + tf.util.sizeFromShape(shape as number[]),
    0,
  );
}

/** Median milliseconds of a prediction of `batchSize` images at once, the models in turn. */
export async function latency(
  models: readonly LayersModel[],
  batchSize: number,
  rounds: number,
): Promise<number[]> {
  const images = tf.randomUniform([batchSize, 28, 28, 1]);
  const times = await inTurns(models.length, rounds + 1, async (i) => {
    const start = performance.now();
    const output = models[i].predict(images, {batchSize}) as tf.Tensor;
    await output.data();
    const time = performance.now() - start;
    output.dispose();
    return time;
  });
  images.dispose();
  // In the first round tfjs's own code is still being compiled.
  const counted = times.slice(1);
  return models.map((_, i) => counted.map((round) => round[i]).sort((a, b) => a - b)[rounds >> 1]);
}

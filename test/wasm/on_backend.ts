import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // Registers the gradients of the ops.
import * as tf from '@tensorflow/tfjs-core';

/** Starts both backends before the tests of a file and restores the one that was there after them. */
export function startCpuAndWasm(): void {
  let previous: string;
  beforeAll(async () => {
    previous = tf.getBackend();
    for (const name of ['cpu', 'wasm']) {
      if (!(await tf.setBackend(name))) {
        throw new Error(`The backend '${name}' could not be started.`);
      }
    }
  });
  afterAll(() => tf.setBackend(previous));
}

/** Runs `compute` on a backend that has been started and returns the values of its tensors. */
export function valuesOn(backend: 'cpu' | 'wasm', compute: () => tf.Tensor[]): Float32Array[] {
  tf.setBackend(backend);
  const tensors = tf.tidy(compute);
  const values = tensors.map((tensor) => tensor.dataSync<'float32'>());
  tf.dispose(tensors);
  return values;
}

/**
 * The largest difference between two arrays, as a part of the largest value of `expected`, or
 * of `least` where that is more: terms of about 1 may sum up to next to nothing, or be cut off
 * to it.
 */
export function relativeError(actual: Float32Array, expected: Float32Array, least = 1): number {
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), least);
  const difference = expected.reduce(
    (max, value, i) => Math.max(max, Math.abs(value - actual[i])),
    0,
  );
  return difference === 0 ? 0 : difference / largest;
}

/** Leaves other things than zeros in the memory that is given out next. */
export function soilMemory(): void {
  const soiled = [8, 64, 256, 1024, 4096, 16384].flatMap((size) =>
    Array.from({length: 8}, () => tf.add(tf.fill([size], 7), 1)),
  );
  tf.dispose(soiled);
}

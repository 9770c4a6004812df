import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';

import {moveBeforeReading} from '../../lib/wasm/move_first';

/** The heap grows by the size that is asked for and at most 96 MiB more. */
const SIZE = 30_000_000;

it('a tensor of another backend is read after the heap has grown for it', async () => {
  const before = tf.getBackend();
  await tf.setBackend('wasm');
  moveBeforeReading(tf.backend());
  moveBeforeReading(tf.backend());
  const values = new Float32Array(SIZE);
  values[SIZE - 1] = 3;
  await tf.setBackend('cpu');
  const x = tf.tensor1d(values);
  await tf.setBackend('wasm');
  const copy = tf.clone(x);
  const last = tf.slice(tf.abs(copy), SIZE - 1);
  expect([...(await last.data())]).toEqual([3]);
  tf.dispose([x, copy, last]);
  await tf.setBackend(before);
});

import {existsSync, writeFileSync} from 'node:fs';

import * as tf from '@tensorflow/tfjs-core';

import {validation} from './data.mjs';

export {train, validation} from './data.mjs';

/**
 * The accuracy, after whose first calls in a worker POISON happens: each time, or the first time
 * of all processes where ONCE names a file.
 */
export async function metric(model) {
  if (process.connected) {
    await act();
  }
  const right = tf.tidy(() => {
    const given = tf.argMax(model.predict(validation.x), 1);
    return tf.mean(tf.cast(tf.equal(given, tf.argMax(validation.y, 1)), 'float32'));
  });
  const [share] = await right.data();
  right.dispose();
  return share;
}

let calls = 0;

async function act() {
  const {POISON, ONCE, AFTER = 3} = process.env;
  if (POISON === undefined || ++calls <= Number(AFTER) || (ONCE && existsSync(ONCE))) {
    return;
  }
  if (ONCE) {
    writeFileSync(ONCE, '');
  }
  if (POISON === 'throw') {
    throw new Error('no more batches');
  }
  if (POISON === 'memory') {
    globalThis.eaten = Array.from({length: 60}, () => Buffer.alloc(2e7, 1));
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  process.kill(process.pid, POISON === 'freeze' ? 'SIGSTOP' : 'SIGKILL');
  // A signal takes a moment.
  await new Promise((resolve) => setTimeout(resolve, 1000));
}

import {existsSync, writeFileSync} from 'node:fs';

import * as tf from '@tensorflow/tfjs-core';

import {makeModel, validation} from './data.mjs';

export {train, validation} from './data.mjs';

export const model = makeModel();

/**
 * The accuracy, after whose first calls in a worker POISON happens: each time, or the first time
 * of all processes where ONCE names a file; or for a model of more zeros than ABOVE.
 */
export async function metric(model) {
  if (process.connected) {
    await act(model);
  }
  const right = tf.tidy(() => {
    const given = tf.argMax(model.predict(validation.x), 1);
    return tf.mean(tf.cast(tf.equal(given, tf.argMax(validation.y, 1)), 'float32'));
  });
  const [share] = await right.data();
  right.dispose();
  return share;
}

/** The share of zeros among the weights of kernels. */
async function zerosIn(model) {
  const kernels = model.getWeights().filter(({rank}) => rank > 1);
  const values = await Promise.all(kernels.map((kernel) => kernel.data()));
  const all = values.flatMap((each) => [...each]);
  return all.filter((value) => value === 0).length / all.length;
}

let calls = 0;

async function act(model) {
  const {POISON, ONCE, ABOVE, AFTER = ABOVE ? 0 : 3} = process.env;
  const isSafe = ABOVE !== undefined && (await zerosIn(model)) <= Number(ABOVE);
  if (POISON === undefined || isSafe || ++calls <= Number(AFTER) || (ONCE && existsSync(ONCE))) {
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

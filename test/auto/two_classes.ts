import * as tf from '@tensorflow/tfjs-core';

import {random} from '../setup/models';

/** Points of four numbers, and by the sign of the first in which of two classes they are. */
export function samples(count: number, seed: number) {
  const next = random(seed);
  const x = tf.tensor2d(
    Array.from({length: 4 * count}, () => 2 * next() - 1),
    [count, 4],
  );
  const y = tf.tidy(() => {
    const sign = tf.cast(tf.greater(tf.slice(x, [0, 0], [-1, 1]), 0), 'float32');
    return tf.concat([sign, tf.sub(1, sign)], 1);
  });
  return {x, y};
}

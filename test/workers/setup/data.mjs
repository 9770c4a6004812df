import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** Numbers from a seed. */
function random(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function samples(count, seed) {
  const next = random(seed);
  const values = Array.from({length: 8 * count}, () => 2 * next() - 1);
  const x = tf.tensor2d(values, [count, 8]);
  const y = tf.tidy(() => {
    const sign = tf.cast(tf.greater(tf.sum(tf.slice(x, [0, 0], [-1, 3]), 1, true), 0), 'float32');
    return tf.concat([sign, tf.sub(1, sign)], 1);
  });
  return {x, y, batchSize: 16};
}

export const train = samples(Number(process.env.SAMPLES ?? 320), 3);
export const validation = samples(200, Number(process.env.SEED ?? 4));

/** The model that the searches of these tests prune. */
export function makeModel() {
  const next = random(7);
  const layers = [
    tfl.layers.dense({units: 24, activation: 'tanh', inputShape: [8], name: 'wide'}),
    tfl.layers.dense({units: 2, activation: 'softmax', name: 'classes'}),
  ];
  const made = tfl.sequential({layers, name: 'toy'});
  made.setWeights(
    made.getWeights().map(({shape, size}) =>
      tf.tensor(
        Array.from({length: size}, () => next() - 0.5),
        shape,
      ),
    ),
  );
  const loss = 'categoricalCrossentropy';
  made.compile({optimizer: tf.train.adam(0.02), loss, metrics: ['accuracy']});
  return made;
}

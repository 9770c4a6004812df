import * as tf from '@tensorflow/tfjs-core';

const x = tf.randomNormal([8, 8, 8, 1], 0, 1, 'float32', 1);
const y = tf.zeros([8, 6]);
export const train = {x, y, batchSize: 4};
export const test = {x, y};

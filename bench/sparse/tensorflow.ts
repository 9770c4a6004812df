/**
 * Prints how long a network takes on tfjs-node, in ms of wall time: a process of its own,
 * since TensorFlow takes its number of threads when it starts. Nothing where it is missing.
 */
import * as tf from '@tensorflow/tfjs-core';

import {median} from '../result';
import {NETWORKS} from './networks';

const [name, rounds] = process.argv.slice(2);
const network = NETWORKS.find((each) => each.name === name)!;
const packageName = '@tensorflow/tfjs-node';
await import(packageName);
await tf.setBackend('tensorflow');
const model = await network.make(0.9, 1);
const x = tf.randomUniform(network.shape as number[]);
const times: number[] = [];
for (let i = 0; i < 20 + Number(rounds); ++i) {
  const start = performance.now();
  const y = model.predict(x) as tf.Tensor;
  y.dataSync();
  y.dispose();
  times.push(performance.now() - start);
}
console.log(`ms: ${median(times.slice(20))}`);

import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel} from '@tensorflow/tfjs-layers';
import {packed} from 'tfjs-prune/load';

import type {BackendName} from '../../examples/browser/src/lab/api';
import {startBackend} from '../../examples/browser/src/lab/backend';

export interface Measurement {
  backend: BackendName;
  /** Addresses of packed models of images [28, 28, 1]. */
  files: readonly string[];
  batchSize: number;
  /** Of each model in a round. */
  predictions: number;
  /** The first of them does not count: shaders and tfjs's own code are compiled in it. */
  rounds: number;
}

declare global {
  interface Window {
    /** Milliseconds of a prediction, by round and model. */
    measure: (measurement: Measurement) => Promise<number[][]>;
  }
}

window.measure = async ({backend, files, batchSize, predictions, rounds}) => {
  await startBackend(backend);
  const models = await Promise.all(files.map((file) => loadLayersModel(packed(file))));
  const images = tf.randomUniform([batchSize, 28, 28, 1]);
  const all: number[][] = [];
  for (let round = 0; round <= rounds; ++round) {
    const times: number[] = [];
    for (let turn = 0; turn < models.length; ++turn) {
      // Every other round backwards, so that no model always follows the same one.
      const i = round % 2 ? turn : models.length - 1 - turn;
      const start = performance.now();
      for (let n = 0; n < predictions; ++n) {
        const output = models[i].predict(images, {batchSize}) as tf.Tensor;
        await output.data();
        output.dispose();
      }
      times[i] = (performance.now() - start) / predictions;
    }
    all.push(times);
  }
  images.dispose();
  models.forEach((model) => model.dispose());
  return all.slice(1);
};

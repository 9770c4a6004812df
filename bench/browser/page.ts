import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel} from '@tensorflow/tfjs-layers';
import {packed} from 'tfjs-prune/load';

import type {BackendName} from '../../examples/browser/src/lab/api';
import {startBackend} from '../../examples/browser/src/lab/backend';
import {inTurns} from '../../examples/mnist/turns';

export interface Measurement {
  backend: BackendName;
  /** Addresses of packed models of images [28, 28, 1]. */
  files: readonly string[];
  batchSize: number;
  /** Of each model in a round. */
  predictions: number;
  /** Those that count. One goes before: shaders and tfjs's own code are compiled in it. */
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
  const all = await inTurns(models.length, rounds + 1, async (i) => {
    const start = performance.now();
    for (let n = 0; n < predictions; ++n) {
      const output = models[i].predict(images, {batchSize}) as tf.Tensor;
      await output.data();
      output.dispose();
    }
    return (performance.now() - start) / predictions;
  });
  images.dispose();
  models.forEach((model) => model.dispose());
  return all.slice(1);
};

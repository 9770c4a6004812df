import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {models} from '@tensorflow/tfjs-layers';
import {countMacs, sparsityReport} from 'tfjs-prune';

import type {Answer, Facts} from './api';
import type {Digits} from './digits';
import {digitTensors} from './digits';

const BATCH = 250;
const ROUNDS = 9;
/** Predictions in a row: browsers round their clocks. */
const REPEATS = 5;

/** Share of `digits` that `model` gets right. */
export async function accuracyOf(model: LayersModel, digits: Digits): Promise<number> {
  const right = tf.tidy(() => {
    const {xs, ys} = digitTensors(digits, digits.labels.length);
    const answers = tf.argMax(model.predict(xs, {batchSize: BATCH}) as tf.Tensor, -1);
    return tf.mean(tf.cast(tf.equal(answers, tf.argMax(ys, -1)), 'float32'));
  });
  const [share] = await right.data();
  right.dispose();
  return share;
}

export async function factsOf(model: LayersModel, digits: Digits): Promise<Facts> {
  const {size, zeros} = await sparsityReport(model);
  return {
    accuracy: await accuracyOf(model, digits),
    parameters: model.countParams(),
    macs: countMacs(model).macs,
    size,
    zeros,
  };
}

/** What each model says of one image, and the median time it takes; they take turns. */
export async function answersTo(
  pixels: Float32Array,
  asked: readonly LayersModel[],
): Promise<Answer[]> {
  const image = tf.tensor4d(pixels, [1, 28, 28, 1]);
  const ask = async (model: LayersModel) => {
    const output = model.predict(image) as tf.Tensor;
    const probabilities = [...(await output.data())];
    output.dispose();
    return probabilities;
  };
  const answers: Answer[] = [];
  const times: number[][] = asked.map(() => []);
  for (const model of asked) {
    // Warms up, too: WebGL compiles its shaders.
    answers.push({probabilities: await ask(model), milliseconds: NaN});
  }
  for (let round = 0; round < ROUNDS; ++round) {
    for (let i = 0; i < asked.length; ++i) {
      const start = performance.now();
      for (let repeat = 0; repeat < REPEATS; ++repeat) {
        await ask(asked[i]);
      }
      times[i].push((performance.now() - start) / REPEATS);
    }
  }
  image.dispose();
  const medians = times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
  return answers.map((answer, i) => ({...answer, milliseconds: medians[i]}));
}

/** A model of the same layers and weights, not compiled. */
export async function copyOf(model: LayersModel): Promise<LayersModel> {
  const copy = await models.modelFromJSON({
    modelTopology: JSON.parse(model.toJSON() as string),
  });
  copy.setWeights(model.getWeights());
  return copy;
}

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
/** A run that takes as long is timed by itself. */
const LONG_MS = 50;
/** Of all rounds. */
const LONGEST_MS = 6000;

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

/** What there is to say of a model but for its time and its download. */
export async function factsOf(
  model: LayersModel,
  digits: Digits,
): Promise<Omit<Facts, 'milliseconds' | 'download'>> {
  const {size, zeros} = await sparsityReport(model);
  return {
    accuracy: await accuracyOf(model, digits),
    parameters: model.countParams(),
    macs: countMacs(model).macs,
    size,
    zeros,
  };
}

/** What each model says of one image, and the median time it takes. */
export async function answersTo(
  pixels: Float32Array,
  asked: readonly LayersModel[],
): Promise<Answer[]> {
  const image = tf.tensor4d(pixels, [1, 28, 28, 1]);
  const answers: number[][] = [];
  for (const model of asked) {
    const output = model.predict(image) as tf.Tensor;
    answers.push([...(await output.data())]);
    output.dispose();
  }
  const times = await timesOf(asked.map((model) => () => model.predict(image) as tf.Tensor));
  image.dispose();
  return answers.map((probabilities, i) => ({probabilities, milliseconds: times[i]}));
}

/** The median times of `predictions`, which take turns. */
export async function timesOf(
  predictions: readonly (() => tf.Tensor | tf.Tensor[] | Promise<tf.Tensor | tf.Tensor[]>)[],
): Promise<number[]> {
  const run = async (predict: (typeof predictions)[number]) => {
    const output = await predict();
    await [output].flat()[0].data();
    tf.dispose(output);
  };
  // Warms up: WebGL compiles its shaders.
  for (const predict of predictions) {
    await run(predict);
  }
  const times: number[][] = predictions.map(() => []);
  const end = performance.now() + LONGEST_MS;
  for (let round = 0; round < ROUNDS && (round === 0 || performance.now() < end); ++round) {
    for (let i = 0; i < predictions.length; ++i) {
      const start = performance.now();
      let repeats = 0;
      while (repeats < REPEATS && (repeats === 0 || performance.now() - start < LONG_MS)) {
        await run(predictions[i]);
        ++repeats;
      }
      times[i].push((performance.now() - start) / repeats);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
}

/** A model of the same layers and weights, not compiled. */
export async function copyOf(model: LayersModel): Promise<LayersModel> {
  const copy = await models.modelFromJSON(
    JSON.parse(model.toJSON() as string) as Parameters<typeof models.modelFromJSON>[0],
  );
  copy.setWeights(model.getWeights());
  return copy;
}

import * as tf from '@tensorflow/tfjs-core';
import type {CustomCallbackArgs, LayersModel} from '@tensorflow/tfjs-layers';
import {
  composeCallbacks,
  NeuronPruner,
  PolynomialDecay,
  shrink,
  shrinkVocabulary,
  stripPruning,
  type Vocabulary,
  wordFrequency,
} from 'tfjs-prune';

import {type Mails, PADDING, tensorsOf, UNKNOWN} from './data';

const BATCH = 64;

/** How a model is trained. */
export interface Training {
  train: Mails;
  epochs: number;
  seed: number;
  /** Called after each epoch. */
  onEpochEnd?: CustomCallbackArgs['onEpochEnd'];
}

/** Trains a model by the labels. */
export function trainDense(model: LayersModel, training: Training): Promise<void> {
  return fit(model, training, () => []);
}

/**
 * Trains on while `share` of the dimensions of the embedding go, then removes them.
 *
 * @returns A smaller model.
 */
export async function pruneDimensions(
  model: LayersModel,
  share: number,
  training: Training,
): Promise<LayersModel> {
  await fit(model, training, (steps) => [
    new NeuronPruner({...decay(share, steps), layers: ['words']}),
  ]);
  return shrink(stripPruning(model));
}

/**
 * Trains on while `share` of the words go, the rarest first, then removes them.
 *
 * @returns A smaller model, and the numbers of its words.
 */
export async function pruneWords(
  model: LayersModel,
  share: number,
  training: Training,
): Promise<{model: LayersModel; vocabulary: Vocabulary}> {
  const keep = [PADDING, UNKNOWN];
  await fit(model, training, (steps) => [
    new PolynomialDecay({
      ...decay(share, steps),
      layers: ['words'],
      structure: {block: [1, Infinity]},
      criterion: wordFrequency(training.train.sequences, {keep}),
    }),
  ]);
  const {model: smaller, vocabularies} = await shrinkVocabulary(stripPruning(model), {keep});
  return {model: smaller, vocabulary: vocabularies[0]};
}

/** The mails in the numbers that words have after `shrinkVocabulary`. */
export function renumber({sequences, labels}: Mails, {ids}: Vocabulary): Mails {
  return {sequences: sequences.map((sequence) => sequence.map((word) => ids[word])), labels};
}

/** The words that are left, one bit for each there was: what `ids` is made of. */
export function bitmap({kept, size}: Vocabulary): Uint8Array {
  const bits = new Uint8Array(Math.ceil(size / 8));
  kept.forEach((word) => (bits[word >> 3] |= 1 << (word & 7)));
  return bits;
}

/** The share of mails that a model is right about. */
export async function accuracy(model: LayersModel, mails: Mails): Promise<number> {
  const {x, y} = tensorsOf(mails);
  const right = tf.tidy(() => {
    const guess = tf.greater(model.predict(x, {batchSize: 256}) as tf.Tensor, 0.5);
    return tf.mean(tf.cast(tf.equal(tf.cast(guess, 'float32'), y), 'float32'));
  });
  const [share] = await right.data();
  tf.dispose([x, y, right]);
  return share;
}

/** Half of the steps to prune, from none on, and half to recover. */
function decay(finalSparsity: number, steps: number) {
  const endStep = Math.ceil(steps / 2);
  return {
    initialSparsity: 0,
    finalSparsity,
    beginStep: 0,
    endStep,
    frequency: Math.ceil(endStep / 20),
  };
}

/** Compiled anew, so that the optimizer's steps, which schedules follow, start at 0. */
async function fit(
  model: LayersModel,
  {train, epochs, seed, onEpochEnd}: Training,
  pruners: (steps: number) => Array<NeuronPruner | PolynomialDecay>,
): Promise<void> {
  model.compile({
    optimizer: tf.train.adam(0.002),
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
  });
  const {x, y} = tensorsOf(shuffled(train, seed));
  const steps = epochs * Math.ceil(train.labels.length / BATCH);
  const callbacks = composeCallbacks(...pruners(steps), {onEpochEnd});
  // In an order of its own for each seed; tfjs itself shuffles by no seed.
  await model.fit(x, y, {epochs, batchSize: BATCH, shuffle: false, verbose: 0, callbacks});
  tf.dispose([x, y]);
}

function shuffled({sequences, labels}: Mails, seed: number): Mails {
  const keys = [...labels.keys()].map(
    (i) => Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b),
  );
  const order = [...labels.keys()].sort((a, b) => (keys[a] >>> 0) - (keys[b] >>> 0));
  return {
    sequences: order.map((i) => sequences[i]),
    labels: Uint8Array.from(order, (i) => labels[i]),
  };
}

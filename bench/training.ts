import type * as tf from '@tensorflow/tfjs-core';
import {Callback, layers, type LayersModel, sequential} from '@tensorflow/tfjs-layers';
import {distill} from 'tfjs-prune';

import {batches, type Digits} from '../examples/mnist/data';

const BATCH = 128;

/** The learning rate as it is for half of the steps, then to 1 % of it by half a cosine. */
class LearningRateDecay extends Callback {
  private step = 0;
  private readonly start: number;

  constructor(
    private readonly optimizer: tf.Optimizer,
    private readonly steps: number,
  ) {
    super();
    this.start = Reflect.get(optimizer, 'learningRate') as number;
  }

  override async onBatchBegin(): Promise<void> {
    const done = Math.max(0, (2 * this.step++) / this.steps - 1);
    const share = 0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * done));
    Reflect.set(this.optimizer, 'learningRate', this.start * share);
  }
}

/**
 * The layers of `model`, a chain, as a model to train them by, with dropout before
 * the last two: dense nets end better with it. Its chances come from no seed.
 */
export function withDropout(model: LayersModel): LayersModel {
  const before = model.layers.slice(0, -2);
  const [hidden, last] = model.layers.slice(-2);
  const dropout = (rate: number) => layers.dropout({rate});
  return sequential({layers: [...before, dropout(0.25), hidden, dropout(0.5), last]});
}

export interface Training {
  optimizer: tf.Optimizer;
  train: Digits;
  epochs: number;
  /** Of the order of the images. */
  seed: number;
  /** The callbacks, made for so many steps in all. */
  prune?: (steps: number) => Callback[];
  /** Whom the model learns from, beside the labels. */
  teacher?: LayersModel | null;
}

/** Trains by the labels, and by a teacher where there is one. */
export async function fit(model: LayersModel, training: Training): Promise<void> {
  const {optimizer, train, epochs, seed, prune, teacher} = training;
  const lesson = teacher ? distill({teacher, temperature: 2, alpha: 0.5}) : null;
  const {loss, metrics} = lesson ?? {loss: 'categoricalCrossentropy', metrics: ['accuracy']};
  model.compile({optimizer, loss, metrics});
  const steps = Math.ceil(train.count / BATCH) * epochs;
  const dataset = batches(train, BATCH, seed);
  await model.fitDataset(lesson?.dataset(dataset) ?? dataset, {
    epochs,
    verbose: 0,
    callbacks: [...(prune?.(steps) ?? []), new LearningRateDecay(optimizer, steps)],
  });
  lesson?.dispose();
}

import type * as tf from '@tensorflow/tfjs-core';
import {Callback, type LayersModel} from '@tensorflow/tfjs-layers';
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

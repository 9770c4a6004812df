import * as tf from '@tensorflow/tfjs-core';
import {Callback, layers, type LayersModel, sequential} from '@tensorflow/tfjs-layers';
import {distill, type DistillArgs} from 'tfjs-prune';

import {batches, type Digits} from '../examples/mnist/data';
import {MODELS, type ModelName} from '../examples/mnist/models';
import {setLearningRate} from '../lib/model/learning_rate';

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
    setLearningRate(this.optimizer, this.start * share);
  }
}

/**
 * LeNet-5, trained for 8 epochs with dropout before its last two layers: it ends
 * better with it. The chances of the dropout come from no seed.
 */
export async function denseLeNet5(train: Digits, seed: number): Promise<LayersModel> {
  const model = MODELS.lenet5(seed);
  const before = model.layers.slice(0, -2);
  const [hidden, last] = model.layers.slice(-2);
  const dropout = (rate: number) => layers.dropout({rate});
  const net = sequential({layers: [...before, dropout(0.25), hidden, dropout(0.5), last]});
  await fit(net, {optimizer: momentum(0.02)(), train, epochs: 8, seed});
  return model;
}

/** The net to prune: LeNet-5 starts from the dense one, another anew. */
export function student(name: ModelName, dense: LayersModel | null, seed: number): LayersModel {
  const model: LayersModel = MODELS[name](seed);
  if (dense && name === 'lenet5') {
    model.setWeights(dense.getWeights());
  }
  return model;
}

/** Makes optimizers of a momentum of 0.9. */
export const momentum = (learningRate: number) => () => tf.train.momentum(learningRate, 0.9);

/** Whom a model learns from, beside the labels. */
export type Lesson = Pick<DistillArgs, 'teacher' | 'temperature' | 'alpha'>;

export interface Training {
  optimizer: tf.Optimizer;
  train: Digits;
  epochs: number;
  /** Of the order of the images. */
  seed: number;
  /** The callbacks, made for so many steps in all. */
  prune?: (steps: number) => Callback[];
  lesson?: Lesson | null;
}

/** Trains by the labels, and by a teacher where there is one. */
export async function fit(model: LayersModel, training: Training): Promise<void> {
  const {optimizer, train, epochs, seed, prune, lesson} = training;
  const taught = lesson ? distill(lesson) : null;
  const {loss, metrics} = taught ?? {loss: 'categoricalCrossentropy', metrics: ['accuracy']};
  model.compile({optimizer, loss, metrics});
  const steps = Math.ceil(train.count / BATCH) * epochs;
  const dataset = batches(train, BATCH, seed);
  await model.fitDataset(taught?.dataset(dataset) ?? dataset, {
    epochs,
    verbose: 0,
    callbacks: [...(prune?.(steps) ?? []), new LearningRateDecay(optimizer, steps)],
  });
  taught?.dispose();
}

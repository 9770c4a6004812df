import {dispose, type Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {composeCallbacks, type CallbackLike} from '../callbacks/compose';
import {datasetOf} from '../data/batches';
import {EVALUATED_TOGETHER, Evaluation} from '../data/evaluation';
import {isDataset, type SampleDataset, type Samples} from '../data/samples';
import type {Distillation} from '../distillation/distill';
import {compileForNow} from '../model/compile_for_now';
import {freshOptimizer} from '../model/copy_compilation';
import {Guard, type EpochListener} from './guard';
import {Judge} from './judge';

/** What a training is made of. */
export interface Training {
  epochs: number;
  /** Default: the optimizer's own. */
  learningRate?: number;
  callbacks: CallbackLike;
  /** Gives the loss, metrics and targets. Freed afterward. Default: those of the model and the samples. */
  distillation?: Distillation | null;
  train: Samples;
  validation?: Samples;
  /** Of the order of the samples. */
  seed: number;
  signal?: AbortSignal;
  onEpoch: EpochListener;
}

/**
 * Trains `model` with an optimizer of its own, whose steps count from 0. It is
 * then compiled as before.
 */
export async function trainAfresh(model: LayersModel, training: Training): Promise<void> {
  const made: Tensor[] = [];
  try {
    await train(model, await trainingDataset(training, made), training);
  } finally {
    dispose(made);
    training.distillation?.dispose();
  }
}

async function train(
  model: LayersModel,
  dataset: SampleDataset,
  {epochs, learningRate, callbacks, distillation, validation, signal, onEpoch}: Training,
): Promise<void> {
  // With hints, a model that shares the layers of this one, and shows some of them.
  const taught = distillation?.model;
  const judge =
    taught && validation
      ? new Judge(new Evaluation(model, validation, 'loss', 'validation'))
      : null;
  const guard = new Guard(signal, onEpoch);
  const optimizer = freshOptimizer(
    model.optimizer,
    learningRate === undefined ? {} : {learningRate},
  );
  const {loss, metrics} = distillation ?? {};
  const given = {optimizer, loss, metrics};
  const compileAsBefore = taught ? null : compileForNow(model, given);
  taught?.compile({...given, loss: loss!});
  try {
    await (taught ?? model).fitDataset(dataset, {
      epochs,
      verbose: 0,
      callbacks: composeCallbacks(judge, callbacks, guard),
      validationData:
        taught === undefined && validation
          ? datasetOf(validation, {batchSize: EVALUATED_TOGETHER})
          : undefined,
    });
  } finally {
    compileAsBefore?.();
    optimizer.dispose();
  }
  guard.throwIfStopped();
}

/** What to train with. Targets that are made for it are added to `made`. */
async function trainingDataset(
  {train, distillation, seed}: Training,
  made: Tensor[],
): Promise<SampleDataset> {
  if (isDataset(train)) {
    return distillation ? distillation.dataset(train) : train;
  }
  if (!distillation) {
    return datasetOf(train, {seed});
  }
  made.push(...[await distillation.targets(train.x, train.y!)].flat());
  return datasetOf({...train, y: made}, {seed});
}

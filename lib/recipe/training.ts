import type {Tensor} from '@tensorflow/tfjs-core';
import {dispose, type Scalar} from '@tensorflow/tfjs-core';
import type {Callback, LayersModel} from '@tensorflow/tfjs-layers';

import {composeCallbacks} from '../callbacks/compose';
import type {Logs} from '../callbacks/base/optimizer_callback';
import type {TrainingDataset} from '../data/dataset';
import {isDataset, type EvaluationData} from '../data/evaluation';
import {datasetOf} from '../data/training_data';
import type {Distillation} from '../distillation/distill';
import {freshOptimizer} from '../model/copy_compilation';
import {Guard} from '../training/guard';

/** What a step of a recipe is made of. */
export interface StepTraining {
  epochs: number;
  learningRate: number | undefined;
  callbacks: readonly Callback[];
  distillation: Distillation | null;
  train: EvaluationData;
  validation: EvaluationData | undefined;
  seed: number;
  signal: AbortSignal | undefined;
  /** Called after each epoch, counted from 1; ends the training by throwing. */
  onEpoch: (epoch: number, logs: Record<string, number>) => Promise<void>;
}

/**
 * Trains `model` with an optimizer of its own, whose steps count from 0, and
 * holds the masks that the model has. It is then compiled as before.
 */
export async function trainStep(model: LayersModel, step: StepTraining): Promise<void> {
  const {epochs, learningRate, callbacks, distillation, validation, signal, onEpoch} = step;
  const guard = new Guard(signal, async (epoch, logs) => onEpoch(epoch + 1, await numbers(logs)));
  const [dataset, made] = await trainingDataset(step);
  const {optimizer, loss, metrics} = model;
  const isOwned: unknown = Reflect.get(model, 'isOptimizerOwned');
  const own = freshOptimizer(optimizer, learningRate === undefined ? {} : {learningRate});
  const compile = (args: object) => model.compile({loss, metrics, ...args} as never);
  try {
    const {loss: taught, metrics: measured} = distillation ?? {loss, metrics};
    compile({optimizer: own, loss: taught, metrics: measured});
    await model.fitDataset(dataset, {
      epochs,
      verbose: 0,
      callbacks: composeCallbacks(callbacks, guard),
      ...validationArgs(validation),
    });
  } finally {
    compile({optimizer});
    // So that disposing of the model still disposes of the optimizer.
    Reflect.set(model, 'isOptimizerOwned', isOwned);
    own.dispose();
    dispose(made);
    distillation?.dispose();
  }
  guard.throwIfStopped();
}

/** What to train with, and the targets that were made for it. */
async function trainingDataset(step: StepTraining): Promise<[TrainingDataset, Tensor[]]> {
  const {train, distillation, epochs, seed} = step;
  if (isDataset(train)) {
    return [distillation ? distillation.dataset(train) : train, []];
  }
  const {x, y, batchSize = 32} = train;
  if (distillation === null) {
    return [datasetOf({x, y, batchSize, epochs}, seed), []];
  }
  const made = [await distillation.targets(x, [y].flat()[0])].flat();
  return [datasetOf({x, y: made, batchSize, epochs}, seed), made];
}

function validationArgs(validation: EvaluationData | undefined): object {
  if (validation === undefined || isDataset(validation)) {
    return {validationData: validation};
  }
  const {x, y, batchSize = 128} = validation;
  return {validationData: [x, y], validationBatchSize: batchSize};
}

async function numbers(logs: Logs): Promise<Record<string, number>> {
  const values = Object.entries(logs ?? {}).map(async ([name, value]) => [
    name,
    typeof value === 'number' ? value : (await (value as Scalar).data())[0],
  ]);
  return Object.fromEntries(await Promise.all(values)) as Record<string, number>;
}

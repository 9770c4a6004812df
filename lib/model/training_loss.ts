import {mul, scalar, tidy, type Scalar} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {thisTraining} from './present_training';
import {trainedModel} from './trained_model';

/**
 * Adds `loss` to the loss that `model` is trained with, until the training at
 * hand ends or throws. It is an `addLoss` of the first input layer, and not of
 * the layers that it is about: of these tfjs takes the losses once for each use,
 * and of a cell or a wrapped layer never.
 *
 * @returns A function that takes the loss away again.
 */
export function addTrainingLoss(model: LayersModel, loss: () => Scalar): () => void {
  const trained = trainedModel(model);
  const isCurrent = thisTraining(model);
  const share = 1 / timesAsked(trained);
  const entry = () => {
    if (isCurrent()) {
      return tidy(() => mul<Scalar>(loss(), share));
    }
    // A `fit` that threw has left it. Not at once: tfjs is walking the list now.
    queueMicrotask(() => removeLoss(trained, entry));
    return scalar(0);
  };
  trained.inputLayers[0].addLoss(entry);
  return () => removeLoss(trained, entry);
}

/**
 * How often tfjs takes the losses of the first input layer in one step: more than
 * once if a nested model begins with the same one.
 */
function timesAsked(trained: LayersModel): number {
  let times = 0;
  const counter = () => {
    times += 1;
    return scalar(0);
  };
  trained.inputLayers[0].addLoss(counter);
  tidy(() => void trained.calculateLosses());
  removeLoss(trained, counter);
  return times;
}

function removeLoss(trained: LayersModel, loss: () => Scalar): void {
  const {losses} = trained.inputLayers[0];
  const i = losses.indexOf(loss);
  if (i >= 0) {
    losses.splice(i, 1);
  }
}

import {scalar, tidy, type Scalar} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {trainedModel} from '../trained_model';

/**
 * Adds `loss` to the training loss of `model`, through `layer.addLoss` of its
 * first input layer: so it counts whatever layers are shared, nested or wrapped,
 * while tfjs asks a layer once for each use, and an RNN's cell never. `loss`
 * gets the share of its value to return: 1, or 1/n where tfjs asks n times,
 * which it does if a nested model begins with the same input layer.
 *
 * @returns A function that takes the loss away again.
 */
export function addTrainingLoss(model: LayersModel, loss: (share: number) => Scalar): () => void {
  const trained = trainedModel(model);
  const {losses} = trained.inputLayers[0];
  let calls = 0;
  let answer = () => {
    ++calls;
    return scalar(0);
  };
  const entry = () => answer();
  trained.inputLayers[0].addLoss(entry);
  tidy(() => void trained.calculateLosses());
  answer = () => loss(1 / calls);
  return () => {
    const i = losses.indexOf(entry);
    if (i >= 0) {
      losses.splice(i, 1);
    }
  };
}

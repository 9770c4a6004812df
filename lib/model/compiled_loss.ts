import type {LayersModel} from '@tensorflow/tfjs-layers';

import {trainedModel} from './trained_model';

/** The loss that output number `i` was compiled with: a name or a function. */
export function lossOfOutput(model: LayersModel, i: number): unknown {
  const {loss, outputNames} = trainedModel(model);
  if (typeof loss !== 'object' || loss === null) {
    return loss;
  }
  return (Reflect.get(loss, i) ?? Reflect.get(loss, outputNames[i])) as unknown;
}

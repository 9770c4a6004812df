import type {LayerVariable} from '@tensorflow/tfjs-layers';
import {LayersModel} from '@tensorflow/tfjs-layers';

/** The model that tfjs trains: of a Sequential, the one inside it. */
export function trainedModel(model: LayersModel): LayersModel {
  const inner: unknown = Reflect.get(model, 'model');
  return inner instanceof LayersModel ? inner : model;
}

/** The weights that the optimizer changes: those that were trainable at `compile`. */
export function trainedWeights(model: LayersModel): ReadonlySet<LayerVariable> {
  return new Set(Reflect.get(trainedModel(model), 'collectedTrainableWeights') as LayerVariable[]);
}

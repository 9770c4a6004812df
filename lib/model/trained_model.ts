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

/**
 * A function that tells whether the training that is under way now still is: a
 * `fit` that throws tells no callback. A loop over `trainOnBatch` goes on for
 * ever, since it has neither begin nor end.
 */
export function thisTraining(model: LayersModel): () => boolean {
  const isFitting = () => Boolean(Reflect.get(model, 'isTraining'));
  // Each `fit` makes a history of its own.
  const history = isFitting() ? model.history : null;
  return () => history === null || (isFitting() && model.history === history);
}

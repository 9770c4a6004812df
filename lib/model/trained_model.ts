import type {LayerVariable} from '@tensorflow/tfjs-layers';
import {LayersModel} from '@tensorflow/tfjs-layers';

/** The model that tfjs trains: of a Sequential, the one inside it. */
export function trainedModel(model: LayersModel): LayersModel {
  const inner: unknown = Reflect.get(model, 'model');
  return inner instanceof LayersModel ? inner : model;
}

/**
 * Whether a weight of `model` trains: neither it nor its layer nor a model around
 * it was frozen when the model was compiled, or since.
 */
export function trainsIn(model: LayersModel): (variable: LayerVariable) => boolean {
  const trained = trainedModel(model);
  const now = new Set(trained.trainableWeights);
  const compiled = model.optimizer == null ? now : trainedWeights(model);
  return (variable) => now.has(variable) && compiled.has(variable);
}

/** As `trainsIn`; of a model that is frozen as a whole, all its weights count as trained. */
export function trainsOrAll(model: LayersModel): (variable: LayerVariable) => boolean {
  const trains = trainsIn(model);
  return trainedModel(model).trainableWeights.some(trains) ? trains : () => true;
}

/** The weights that the optimizer changes: those that were trainable at `compile`. */
export function trainedWeights(model: LayersModel): ReadonlySet<LayerVariable> {
  return new Set(Reflect.get(trainedModel(model), 'collectedTrainableWeights') as LayerVariable[]);
}

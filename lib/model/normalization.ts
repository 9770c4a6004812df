import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {partsOf} from './layer_walk';
import {weight} from './layer_weights';

type Layer = layers.Layer;

/** Whether `layer` scales what other layers make, by statistics of the sample or of the batch. */
export function isNormalization(layer: Layer): boolean {
  return isBatchNormalization(layer) || layer.getClassName() === 'LayerNormalization';
}

/** Whether `layer` predicts by moving statistics. */
export function isBatchNormalization(layer: Layer): boolean {
  return layer.getClassName() === 'BatchNormalization';
}

/** The batch normalizations in `model`, in nested models and in wrappers; each once. */
export function batchNormalizations(model: LayersModel): Layer[] {
  const inside = (layer: Layer): Layer[] =>
    isBatchNormalization(layer) ? [layer] : partsOf(layer).flatMap(inside);
  return [...new Set(model.layers.flatMap(inside))];
}

/** The moving mean and the moving variance of a batch normalization. */
export function movingStatistics(layer: Layer): LayerVariable[] {
  return ['movingMean', 'movingVariance'].map((name) => weight(layer, name) as LayerVariable);
}

/** Whether a normalization, or a model around it, is not trained. */
export function isFrozen(layer: Layer): boolean {
  const hasTrained = layer.weights.length > 2;
  return !layer.trainable || (hasTrained && layer.trainableWeights.length === 0);
}

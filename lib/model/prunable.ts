import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {type Candidate, chooseWeights, type LayerSelection} from './layer_selection';
import {findWeights, type LayerWeight} from './layer_walk';
import {weight as ownWeight} from './layer_weights';

type Layer = layers.Layer;

/** A weight that is to be pruned, and the final sparsity that was asked for its layer alone. */
export interface SelectedWeight extends LayerWeight {
  readonly sparsity?: number;
}

/**
 * Layer class → its weights that are pruned by default: those that make up
 * most of a model and tolerate it. Biases and normalisation are few and
 * sensitive, depthwise kernels have only kernel-size weights a channel.
 */
const PRUNABLE: Readonly<Record<string, readonly string[]>> = {
  Dense: ['kernel'],
  Conv1D: ['kernel'],
  Conv2D: ['kernel'],
  Conv3D: ['kernel'],
  Conv2DTranspose: ['kernel'],
  Conv3DTranspose: ['kernel'],
  SeparableConv2D: ['pointwiseKernel'],
  SimpleRNNCell: ['kernel', 'recurrentKernel'],
  LSTMCell: ['kernel', 'recurrentKernel'],
  GRUCell: ['kernel', 'recurrentKernel'],
  ConvLSTM2DCell: ['kernel', 'recurrentKernel'],
  Embedding: ['embeddings'],
};

/** Classes whose weights never count, even by name. */
const NORMALISATION: ReadonlySet<string> = new Set(['BatchNormalization', 'LayerNormalization']);

const KIND = {
  one: 'layer with weights that can be pruned',
  all: 'layers with weights that can be pruned',
};

/**
 * The weights of `model` that a callback prunes: those of `selection`, or all
 * that are prunable by default. A layer used twice counts once.
 *
 * @throws PruningError where a name is unknown or nothing is left to prune.
 */
export function prunableWeights(model: LayersModel, selection?: LayerSelection): SelectedWeight[] {
  return chooseWeights(pruneCandidates(model), selection, KIND);
}

/** The weights of `model` that can be pruned, by default or where they are asked for by name. */
export function pruneCandidates(model: LayersModel): Candidate[] {
  return findWeights(model, candidatesOf).map((weight) => ({
    ...weight,
    byDefault: weight.maker.getClassName() in PRUNABLE,
  }));
}

/** Those by default, or all matrices of numbers that train of a class that is not listed. */
function candidatesOf(layer: Layer): LayerVariable[] {
  const className = layer.getClassName();
  const properties = PRUNABLE[className];
  if (properties !== undefined) {
    return properties.map((property) => ownWeight(layer, property) as LayerVariable);
  }
  return NORMALISATION.has(className)
    ? []
    : layer.weights.filter(({shape, dtype}) => shape.length >= 2 && dtype === 'float32');
}

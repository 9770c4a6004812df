import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {type Candidate, chooseWeights, type LayerSelection} from './layer_selection';
import {findWeights, type LayerWeight} from './layer_walk';
import {weight as ownWeight} from './layer_weights';
import {isNormalization} from './normalization';
import {trainsOrAll} from './trained_model';

type Layer = layers.Layer;

/** A weight that is to be pruned, and the final sparsity that was asked for its layer alone. */
export interface SelectedWeight extends LayerWeight {
  readonly sparsity?: number;
  /** False for a frozen one. */
  readonly trains?: boolean;
}

/**
 * Layer class → its weights that are pruned by default: those that make up
 * most of a model and tolerate it. Biases and normalization are few and
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

const KIND = {
  one: 'layer with weights that can be pruned',
  all: 'layers with weights that can be pruned',
};

/**
 * The weights of `model` that can be pruned: those of `selection`, or all that
 * are by default. A layer used twice counts once.
 *
 * @throws PruningError where a name is unknown or there is nothing to prune.
 */
export function prunableWeights(model: LayersModel, selection?: LayerSelection): SelectedWeight[] {
  return chooseWeights(pruneCandidates(model), selection, KIND);
}

/**
 * As `prunableWeights`, those that are pruned where a callback or a call does:
 * frozen ones only if `selection` asks for them, or if the model is frozen as a whole.
 */
export function weightsToPrune(model: LayersModel, selection?: LayerSelection): SelectedWeight[] {
  const trains = trainsOrAll(model);
  const candidates = pruneCandidates(model).map((weight) => ({
    ...weight,
    trains: trains(weight.variable),
  }));
  return chooseWeights(candidates, selection, KIND);
}

/** The weights of `model` that can be pruned, by default or where they are asked for by name. */
export function pruneCandidates(model: LayersModel): Candidate[] {
  return findWeights(model, candidatesOf).map((weight) => ({
    ...weight,
    byDefault: isByDefault(weight),
    isOnRequest: !isByDefault(weight) && isAside(weight),
  }));
}

/** All weights of numbers but those of normalizations. */
function candidatesOf(layer: Layer): LayerVariable[] {
  return isNormalization(layer) ? [] : layer.weights.filter(({dtype}) => dtype === 'float32');
}

function isByDefault({maker, variable}: LayerWeight): boolean {
  const properties = PRUNABLE[maker.getClassName()] ?? [];
  return properties.some((property) => ownWeight(maker, property) === variable);
}

/** Whether it is a bias, or another of the few weights beside a listed layer's kernel. */
function isAside({maker, variable}: LayerWeight): boolean {
  return maker.getClassName() in PRUNABLE || variable.shape.length < 2;
}

import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {type Candidate, type CandidateKind, checkSome, isUsual} from './candidates';
import {findWeights, type LayerWeight} from './layer_walk';
import {weight as ownWeight} from './layer_weights';
import {isNormalization} from './normalization';
import {trainsOrAll} from './trained_model';

type Layer = layers.Layer;

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

/** What errors call the layers that can be pruned. */
export const PRUNABLE_KIND: CandidateKind = {
  one: 'layer with weights that can be pruned',
  all: 'layers with weights that can be pruned',
};

/**
 * The weights of `model` that a callback prunes if it is told none: those that are by
 * default and are not frozen, or all of them if the model is frozen as a whole.
 *
 * @throws PruningError where there is none.
 */
export function usualWeights(model: LayersModel): Candidate[] {
  const candidates = trainingCandidates(model);
  const usual = candidates.filter(isUsual);
  checkSome(usual, candidates, PRUNABLE_KIND);
  return usual;
}

/** As `pruneCandidates`, with what trains. */
export function trainingCandidates(model: LayersModel): Candidate[] {
  const trains = trainsOrAll(model);
  return pruneCandidates(model).map((weight) => ({...weight, trains: trains(weight.variable)}));
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

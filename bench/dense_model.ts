import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import type {Digits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';

/** A model as it was before it was pruned. */
export interface DenseModel {
  /** Those of the first layer, then those of the second: what does not train is among them. */
  weights: tf.Tensor[];
  /** On the test images, in %. */
  accuracy: number;
}

/** Copies what `model` is now. The weights have to be disposed of. */
export async function denseModel(model: LayersModel, test: Digits): Promise<DenseModel> {
  return {weights: weightsOf(model), accuracy: 100 * (await accuracy(model, test))};
}

/** Copies of all weights, layer by layer. */
export function weightsOf(model: LayersModel): tf.Tensor[] {
  return model.layers.flatMap((layer) => layer.getWeights().map((each) => tf.clone(each)));
}

/** Makes `model` what it was. */
export function restore(model: LayersModel, {weights}: Pick<DenseModel, 'weights'>): void {
  const rest = [...weights];
  model.layers.forEach((layer) => layer.setWeights(rest.splice(0, layer.weights.length)));
}

import {tidy, zeros} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {weightsOf} from '../model/layer_tree';
import {stopTraining} from '../model/optimizer_slots';
import {setMask} from '../projection/mask';
import {zeroWeights} from '../projection/zero_weights';
import type {LayerUnit} from './layer_units';
import {removeLayer} from './remove_layer';

/**
 * Makes the model compute what it does without `unit`, to have a look.
 *
 * @returns A function that puts all back, bit for bit.
 */
export function bypass({layers, zeroed}: LayerUnit): () => void {
  if (zeroed) {
    return zeroWeights(zeroed);
  }
  const undo = layers.map(removeLayer);
  return () => undo.forEach((each) => each());
}

/**
 * Removes `unit` from `model`, which is compiled. Layers become linear
 * activations. A branch is masked at its end, so that it adds zeros.
 */
export function removeUnit(model: LayersModel, {layers, zeroed}: LayerUnit): void {
  if (zeroed) {
    zeroed.forEach(maskAll);
    return;
  }
  const weights = layers.flatMap(weightsOf);
  layers.forEach(removeLayer);
  stopTraining(model, weights);
}

/** Masks all of a weight. */
export function maskAll(variable: LayerVariable): void {
  setMask(
    variable,
    tidy(() => zeros(variable.shape as number[])),
  );
}

import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {chooseWeights} from '../../model/choose_weights';
import type {LayerFilter} from '../../model/layer_selection';
import {findWeights, type LayerWeight} from '../../model/layer_walk';
import {isBatchNormalization} from '../../model/normalization';

const KIND = {one: 'BatchNormalization layer with a gamma', all: 'BatchNormalization layers'};

/**
 * The gammas of the BatchNormalization layers of `model`, those in nested models
 * and wrappers too: all, or those of `selection`. A layer used twice counts once.
 *
 * @throws PruningError where a name is unknown or nothing is selected.
 */
export function gammas(model: LayersModel, selection?: LayerFilter): LayerWeight[] {
  const candidates = findWeights(model, gammaOf).map((weight) => ({...weight, byDefault: true}));
  return chooseWeights(candidates, selection, KIND);
}

/** None where the layer was made with `scale: false`. */
function gammaOf(layer: layers.Layer): LayerVariable[] {
  const isGamma = ({originalName}: LayerVariable) => originalName.endsWith('/gamma');
  return isBatchNormalization(layer) ? layer.weights.filter(isGamma) : [];
}

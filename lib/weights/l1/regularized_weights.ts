import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {check} from '../../base/check';
import {listed} from '../../base/listed';
import {channelGroupAxes, inputGroupAxes} from '../../model/kernel_axes';
import type {LayerFilter} from '../../model/layer_selection';
import {weight as ownWeight} from '../../model/layer_weights';
import {weightsToPrune} from '../../model/prunable';
import {trainedWeights} from '../../model/trained_model';
import {gammas} from './gammas';
import {normOver, type Norm} from './norm';

type Layer = layers.Layer;

/** Which weights an L1 is of, and what of them is shrunk together. */
interface L1Selection {
  readonly target: 'kernel' | 'gamma';
  readonly layers?: LayerFilter;
  readonly groups: 'weight' | 'channel' | 'input';
  readonly biases: boolean;
}

/** A part of θ, a weight or one with a bias, and its part of R. */
export interface RegularizedWeight {
  readonly variables: readonly LayerVariable[];
  readonly norm: Norm;
}

/**
 * The weights of `model` that are selected and train.
 *
 * @throws PruningError where there is none.
 */
export function regularizedWeights(
  model: LayersModel,
  {target, layers, groups, biases}: L1Selection,
): RegularizedWeight[] {
  const selected = target === 'gamma' ? gammas(model, layers) : weightsToPrune(model, layers);
  const trained = trainedWeights(model);
  const weights = selected.filter(({variable}) => trained.has(variable));
  const names = listed(selected.map(({name}) => name));
  check(weights.length > 0, 'layers', 'at least one weight that trains', `frozen ${names}`);
  const withBias = new Set<LayerVariable>();
  return weights.map(({maker, variable}) => {
    const norm = normOver(axesOfGroups(groups, maker, variable.shape.length));
    // Of the kernels of a cell, the first has it.
    const bias = biases ? ownWeight(maker, 'bias') : null;
    const isOwn = bias != null && trained.has(bias) && !withBias.has(bias);
    return {norm, variables: isOwn && withBias.add(bias) ? [variable, bias] : [variable]};
  });
}

function axesOfGroups(groups: L1Selection['groups'], maker: Layer, rank: number): number[] {
  switch (groups) {
    case 'weight':
      return [];
    case 'channel':
      return channelGroupAxes(maker, rank);
    case 'input':
      return inputGroupAxes(maker, rank);
  }
}

import type {LayersModel} from '@tensorflow/tfjs-layers';

import {chooseWeights} from './choose_weights';
import type {LayerSelection} from './layer_selection';
import type {LayerWeight} from './layer_walk';
import {pruneCandidates, PRUNABLE_KIND, trainingCandidates} from './prune_candidates';

/** A weight that is to be pruned, and the final sparsity that was asked for its layer alone. */
export interface SelectedWeight extends LayerWeight {
  readonly sparsity?: number;
  /** False for a frozen one. */
  readonly trains?: boolean;
}

/**
 * The weights of `model` that can be pruned: those of `selection`, or all that
 * are by default. A layer used twice counts once.
 *
 * @throws PruningError where a name is unknown or there is nothing to prune.
 */
export function prunableWeights(model: LayersModel, selection?: LayerSelection): SelectedWeight[] {
  return chooseWeights(pruneCandidates(model), selection, PRUNABLE_KIND);
}

/**
 * As `prunableWeights`, those that are pruned where a callback or a call does:
 * frozen ones only if `selection` asks for them, or if the model is frozen as a whole.
 */
export function weightsToPrune(model: LayersModel, selection?: LayerSelection): SelectedWeight[] {
  return chooseWeights(trainingCandidates(model), selection, PRUNABLE_KIND);
}

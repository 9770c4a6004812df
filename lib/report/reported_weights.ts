import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {findWeights} from '../model/layer_walk';
import {prunableWeights} from '../model/prunable';
import {pruneCandidates} from '../model/prune_candidates';
import {trainsIn} from '../model/trained_model';
import {maskOf} from '../projection/mask';

/** A weight that a report may have. */
export interface ReportableWeight {
  /** Path of layer names and the weight's own. */
  readonly name: string;
  readonly variable: LayerVariable;
  /** Whether it is reported also without zeros and without a mask. */
  readonly isAlways: boolean;
  /** Whether it can be pruned, if only by name: its zeros may be those of a mask that has ended. */
  readonly isPrunable: boolean;
  /** Whether it does not train. */
  readonly isFrozen: boolean;
}

/** And how many of its elements are zero. */
export interface CountedWeight extends ReportableWeight {
  readonly zeros: number;
}

/**
 * The weights that a report of `model` may have, in its order: those that are
 * prunable by default, then the others that can be pruned or have a mask.
 *
 * @throws PruningError for a model that has nothing to prune.
 */
export function reportableWeights(model: LayersModel): ReportableWeight[] {
  const candidates = pruneCandidates(model).filter(({isOnRequest}) => !isOnRequest);
  const hasDefaults = candidates.some(({byDefault}) => byDefault);
  if (candidates.length === 0) {
    prunableWeights(model); // Throws, and says what is expected.
  }
  const kinds = new Map(candidates.map(({variable, byDefault}) => [variable, byDefault]));
  const trains = trainsIn(model);
  const all = findWeights(model, ({weights}) => weights).map(({name, variable}) => ({
    name,
    variable,
    isAlways: kinds.get(variable) ?? false,
    isPrunable: kinds.has(variable),
    isFrozen: !trains(variable),
  }));
  const others = all.filter(
    ({variable, isAlways, isPrunable}) => !isAlways && (isPrunable || maskOf(variable)),
  );
  return [
    ...all.filter(({isAlways}) => isAlways),
    ...others.map((weight) => ({...weight, isAlways: weight.isPrunable && !hasDefaults})),
  ];
}

/** Whether a report has the weight. */
export function isReported({variable, isAlways, isPrunable, zeros}: CountedWeight): boolean {
  return isAlways || maskOf(variable) !== undefined || (isPrunable && zeros > 0);
}

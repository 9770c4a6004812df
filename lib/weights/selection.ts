import {check, checkChoice, checkInteger, checkSparsity} from '../base/check';
import {checkLayerSelection, type LayerSelection} from '../model/layer_selection';
import {checkCriterion, type Criterion} from './criterion';
import {checkStructure, type Structure} from './structure';
import type {Scope} from './weight_group';

/** Which weights go: the options that callbacks and `pruneNow` share. */
export interface SelectionArgs {
  /**
   * Which layers: a predicate over layers, a list of names, or a map from name
   * to that layer's final sparsity, where `false` leaves it alone. Default: all
   * kernels of dense, convolutional and recurrent layers, and embeddings.
   */
  layers?: LayerSelection;
  /** What makes a weight important. Default: `'magnitude'`. */
  criterion?: Criterion;
  /**
   * `'layer'`: each weight gets the sparsity. `'global'`: all weights together
   * do, and the smallest go wherever they are. `'erk'`: all together do, small
   * layers less than large ones. Blocks are ranked by their means, in the same way; n of
   * m has no `'global'`. Layers with a sparsity of their own in `layers` stand apart.
   * Default: `'layer'`.
   */
  scope?: Scope;
  /** With `scope: 'global'`, the least share of each weight that is kept, in [0, 1). Default: 0. */
  minKeep?: number;
  /**
   * Prune blocks, or N of each M; default: single weights. Of N:M the sparsity
   * has to be 1 − n/m, and the masks are complete at the first update.
   */
  structure?: Structure;
  /**
   * Whether the sparsity counts only what was not zero before: 0.5 of a model
   * that is pruned to 0.5 is then 0.75. Default: `false`, all weights count.
   */
  ofRemaining?: boolean;
  /** Seed of the criterion `'random'`, an integer of at least 0. Default: 1. */
  seed?: number;
}

/** The names of `SelectionArgs`, for checking options. */
export const SELECTION_OPTIONS = [
  'layers',
  'criterion',
  'scope',
  'minKeep',
  'structure',
  'ofRemaining',
  'seed',
] as const;

/** `SelectionArgs` with their defaults. */
export type ResolvedSelection = Required<Omit<SelectionArgs, 'layers' | 'structure'>> &
  Pick<SelectionArgs, 'layers' | 'structure'>;

/** `args` with its defaults. Throws where one is not as it should be. */
export function resolveSelection(args: SelectionArgs): ResolvedSelection {
  const {layers, criterion = 'magnitude', scope = 'layer', minKeep = 0, structure} = args;
  const {ofRemaining = false, seed = 1} = args;
  if (layers !== undefined) {
    checkLayerSelection(layers);
  }
  checkCriterion(criterion);
  checkChoice('scope', scope, ['layer', 'global', 'erk']);
  checkSparsity('minKeep', minKeep);
  const reason = criterion === 'lamp' ? "criterion 'lamp'" : minKeep > 0 ? 'minKeep' : '';
  check(!reason || scope === 'global', 'scope', `'global' with ${reason}`, scope);
  if (structure !== undefined) {
    checkStructure(structure);
    const isPattern = 'n' in structure;
    check(!isPattern || scope !== 'global', 'scope', `'layer' or 'erk' with n of m`, scope);
  }
  check(typeof ofRemaining === 'boolean', 'ofRemaining', 'true or false', ofRemaining);
  checkInteger('seed', seed, 0);
  return {layers, criterion, scope, minKeep, structure, ofRemaining, seed};
}

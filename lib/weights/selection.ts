import {check, checkChoice, checkInteger, checkSparsity} from '../base/check';
import {checkLayerSelection, type LayerSelection} from '../model/layer_selection';
import {checkCriterion, type Criterion} from './criterion';
import {checkStructure, type Structure} from './structure';

/** Which weights share a sparsity: each has it, all together do, or each by its shape (ERK). */
export type Scope = 'layer' | 'global' | 'erk';

/** How to select weights to prune: options that callbacks and `pruneNow` share. */
export interface SelectionArgs {
  /**
   * Which layers to prune: a predicate over layers, a list of names, or a map from name
   * to the final sparsity of that layer, where `false` excludes it. Default: all kernels
   * of dense, convolutional and recurrent layers, and embeddings, that are not frozen.
   */
  layers?: LayerSelection;
  /** How to score weights; the lowest scores are pruned first. Default: `'magnitude'`. */
  criterion?: Criterion;
  /**
   * How to spread the sparsity. `'layer'`: each kernel has the sparsity. `'global'`: all
   * kernels together have it, and the lowest scores are pruned wherever they are.
   * `'erk'`: all together have it, and small layers stay denser than large ones. Blocks
   * are ranked by their pooled scores; N:M patterns do not support `'global'`. Layers
   * with a sparsity of their own in `layers` are not included. Default: `'layer'`.
   */
  scope?: Scope;
  /**
   * With `scope: 'global'`, the smallest share of each weight that is kept, in [0, 1).
   * Default: 0.
   */
  minKeep?: number;
  /**
   * Prunes blocks, or N of each M, instead of single weights. The sparsity of N:M must be
   * 1 − n/m, and its masks are complete at the first update.
   */
  structure?: Structure;
  /**
   * Whether the sparsity is a share of the weights that are not zero yet: 0.5 of a model
   * that is already pruned to 0.5 gives 0.75. Default: `false`, a share of all weights.
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

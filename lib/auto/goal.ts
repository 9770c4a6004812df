import {check, checkSparsity} from '../base/check';

/** The goal of `autoPrune`: exactly one of these. */
export interface GoalArgs {
  /**
   * The largest drop of the metric, at least 0 (0.01 is one percentage point of
   * accuracy). The model is pruned as far as that allows. On `validation`, at least half
   * of the drop is kept in reserve for new samples, and more if `validation` is small.
   */
  maxDrop?: number;
  /**
   * The share of the weights, channels or units to prune, in [0, 1), with the best
   * possible metric.
   */
  sparsity?: number;
  /**
   * The bytes of the remaining parameters, 4 for each: those that are not zero, or those
   * that the model has after `shrink`.
   */
  size?: number;
  /**
   * The remaining multiply-accumulates of a prediction for one example: those with
   * nonzero weights, or those that the model has after `shrink`; see `countMacs`.
   */
  macs?: number;
  /**
   * The milliseconds for a prediction of one example, measured on the current backend:
   * for single weights after `sparsify`, on wasm; for channels and units after `shrink`.
   */
  millis?: number;
}

/** Costs of a model that may be a goal. */
export const COSTS = ['size', 'macs', 'millis'] as const;

/** One of them. */
export type CostName = (typeof COSTS)[number];

/** The goals' names. */
export const GOALS = ['maxDrop', 'sparsity', ...COSTS] as const;

/** What costs are counted in. */
export const UNITS: Readonly<Record<CostName, string>> = {
  size: 'bytes',
  macs: 'multiply-accumulates',
  millis: 'milliseconds',
};

/** Throws unless there is one goal, and it can be one. */
export function checkGoal(args: GoalArgs): void {
  const given = GOALS.filter((name) => args[name] !== undefined);
  check(given.length === 1, GOALS.join(', '), 'one of them', given.join(' and ') || 'none');
  const {maxDrop, sparsity} = args;
  const isAtLeast0 = maxDrop === undefined || (Number.isFinite(maxDrop) && maxDrop >= 0);
  check(isAtLeast0, 'maxDrop', 'a number of at least 0', maxDrop);
  if (sparsity !== undefined) {
    checkSparsity('sparsity', sparsity);
  }
  for (const name of COSTS) {
    const most = args[name];
    const isAbove0 = most === undefined || (Number.isFinite(most) && most > 0);
    check(isAbove0, name, `a number of ${UNITS[name]} above 0`, most);
  }
}

/**
 * The drop that may be seen on the validation data, if the drop on others is
 * to be within `maxDrop`. It is less by two standard errors of an accuracy's
 * change, which comes from about as many samples as are wrong. It is at most half
 * of `maxDrop`, and at least none.
 *
 * @param baseline The accuracy before; `null` for another metric.
 * @param samples Samples that it was measured on.
 */
export function limitOf(maxDrop: number, baseline: number | null, samples: number): number {
  const error = baseline === null ? 0 : Math.sqrt(Math.max(0, 1 - baseline) / samples);
  return Math.max(0, Math.min(maxDrop / 2, maxDrop - 2 * error));
}

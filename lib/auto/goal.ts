import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkSparsity} from '../base/check';
import type {Granularity} from '../callbacks/granularity';
import {sparsityReport} from '../report/report';
import {shrink} from '../shrink/shrink';

/** What `autoPrune` is to reach: one of the three. */
export interface GoalArgs {
  /**
   * How much worse the metric may be, at least 0 (0.01 is one percent of accuracy):
   * the model is pruned as far as that allows. At least half of it, and more where `validation` is small, is
   * kept in reserve for samples that are not in there.
   */
  maxDrop?: number;
  /** The share of the weights, channels or units to prune, in [0, 1): the metric is to be as good as can be. */
  sparsity?: number;
  /**
   * Bytes of the parameters to be left, of 4 bytes each: those that are not
   * zero, or those that the model has after `shrink`.
   */
  size?: number;
}

/** The goals' names. */
export const GOALS = ['maxDrop', 'sparsity', 'size'] as const;

/** Throws unless there is one goal, and it can be one. */
export function checkGoal(args: GoalArgs): void {
  const given = GOALS.filter((name) => args[name] !== undefined);
  check(given.length === 1, GOALS.join(', '), 'one of them', given.join(' and ') || 'none');
  const {maxDrop, sparsity, size} = args;
  const isAtLeast0 = maxDrop === undefined || (Number.isFinite(maxDrop) && maxDrop >= 0);
  check(isAtLeast0, 'maxDrop', 'a number of at least 0', maxDrop);
  if (sparsity !== undefined) {
    checkSparsity('sparsity', sparsity);
  }
  const isAbove0 = size === undefined || (Number.isFinite(size) && size > 0);
  check(isAbove0, 'size', 'a number of bytes above 0', size);
}

/**
 * The drop that may be seen on the validation data, if the drop on others is
 * to be within `maxDrop`: less than that by two standard errors of an accuracy's
 * change, which comes from about as many samples as are wrong; at most half of
 * it, and at least none.
 *
 * @param baseline The accuracy before; `null` for another metric.
 * @param samples Samples that it was measured on.
 */
export function limitOf(maxDrop: number, baseline: number | null, samples: number): number {
  const error = baseline === null ? 0 : Math.sqrt(Math.max(0, 1 - baseline) / samples);
  return Math.max(0, Math.min(maxDrop / 2, maxDrop - 2 * error));
}

/** Parameters of `model` that are left: not zero among weights, or after `shrink`. */
export async function countParameters(
  model: LayersModel,
  granularity: Granularity,
): Promise<number> {
  if (granularity === 'weight') {
    return model.countParams() - (await sparsityReport(model)).zeros;
  }
  const smaller = await shrink(model);
  const parameters = smaller.countParams();
  smaller.dispose();
  return parameters;
}

/**
 * The least sparsity at which no more than `most` parameters are left, to 2⁻¹².
 *
 * @param parametersAt The parameters left at a sparsity; they fall as it rises.
 * @throws PruningError where even the highest sparsity leaves more.
 */
export async function sparsityFor(
  most: number,
  parametersAt: (sparsity: number) => Promise<number>,
): Promise<number> {
  let [low, high] = [0, HIGHEST];
  const least = await parametersAt(high);
  check(least <= most, 'size', `at least ${4 * least} bytes`, 4 * most);
  if ((await parametersAt(low)) <= most) {
    return low;
  }
  while (high - low > 2 ** -12) {
    const middle = (low + high) / 2;
    [low, high] = (await parametersAt(middle)) <= most ? [low, middle] : [middle, high];
  }
  return high;
}

const HIGHEST = 0.998;

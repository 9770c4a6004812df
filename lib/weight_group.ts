import type {Tensor} from '@tensorflow/tfjs-core';
import {add, concat, mul, ones, reshape, split, tidy} from '@tensorflow/tfjs-core';

import {erkSparsities} from './erk';
import {inputsByOutputs} from './kernel_axes';
import {maskOf, readWeight} from './mask';
import {pruneBlocks, pruneNM, type Structure} from './pattern';
import type {SelectedWeight} from './prunable';
import type {SparsitySchedule} from './schedule';
import {pruneBelow, pruneCount, pruneSmallest, type Threshold} from './threshold';

/** Which weights share a sparsity: each has it, all together do, or each by its shape (ERK). */
export type Scope = 'layer' | 'global' | 'erk';

/** Added to scores that must not be pruned: above any score, and far from overflowing. */
const PROTECTED = 1e30;

/** Weights that are ranked together. */
export interface WeightGroup {
  readonly weights: readonly SelectedWeight[];
  /** Elements of all weights. */
  readonly size: number;
  readonly sparsityAt: SparsitySchedule;
  /** Whether it is one of weights that share a sparsity. */
  readonly isPool: boolean;
  /** How many elements are pruned. */
  count: number;
  /** How many were pruned before the schedule, where it is one of the remaining. */
  base: number;
  /** The sparsity of the last update. */
  reached: number;
}

/** How the masks of a group are chosen. */
export interface Selection {
  readonly structure?: Structure;
  /** The least share of each weight that is kept. */
  readonly minKeep: number;
  /** Scores below are pruned, whatever the sparsity. */
  readonly threshold?: Threshold;
}

/** The masks that a group gets next. */
export interface MaskUpdate {
  readonly group: WeightGroup;
  readonly count: number;
  readonly sparsity: number;
  readonly masks: readonly Tensor[];
}

/**
 * One group for each weight, or with `scope: 'global'` one for all weights that
 * have no final sparsity of their own.
 *
 * @param schedule Makes the schedule for a final sparsity; `undefined` for the usual one.
 */
export function groupWeights(
  weights: readonly SelectedWeight[],
  scope: Scope,
  schedule: (finalSparsity?: number) => SparsitySchedule,
): WeightGroup[] {
  const pool = weights.filter(({sparsity}) => scope !== 'layer' && sparsity === undefined);
  const shapes = pool.map(({variable}) => readWeight(variable).shape);
  const single = (weight: SelectedWeight) => {
    const usual = schedule(weight.sparsity);
    const index = pool.indexOf(weight);
    const isErk = scope === 'erk' && index >= 0;
    return group([weight], isErk ? (step) => erkSparsities(shapes, usual(step))[index] : usual);
  };
  if (scope !== 'global' || pool.length === 0) {
    return weights.map(single);
  }
  const others = weights.filter((weight) => !pool.includes(weight));
  return [...others.map(single), group(pool, schedule(), true)];
}

function group(
  weights: readonly SelectedWeight[],
  sparsityAt: SparsitySchedule,
  isPool = false,
): WeightGroup {
  const size = weights.reduce((all, {variable}) => all + readWeight(variable).size, 0);
  return {weights, size, sparsityAt, isPool, count: 0, base: 0, reached: 0};
}

/** All weights of `groups`. */
export function weightsOf(groups: readonly WeightGroup[]): SelectedWeight[] {
  return groups.flatMap(({weights}) => weights);
}

/**
 * The masks of the groups that lack zeros at `position` of their schedules.
 * None is set yet, so that a failure half-way changes nothing.
 *
 * @param score The scores of a weight, of its shape; a NaN among them leaves its masks as they are.
 */
export function planMasks(
  groups: readonly WeightGroup[],
  position: number,
  selection: Selection,
  score: (weight: SelectedWeight) => Tensor,
): MaskUpdate[] {
  return groups.flatMap((each) => {
    const scheduled = each.sparsityAt(position);
    const left = each.size - each.base;
    const count = scheduled === 0 ? 0 : each.base + pruneCount(left, scheduled);
    const sparsity = (each.base + left * scheduled) / each.size;
    const hasMasks = each.weights.every(({variable}) => maskOf(variable));
    const isReached = selection.structure ? sparsity <= each.reached : count <= each.count;
    const isNothing = scheduled === 0 || (!selection.structure && count === 0);
    if (selection.threshold === undefined && (isNothing || (hasMasks && isReached))) {
      return [];
    }
    const masks = tidy(() =>
      !each.isPool
        ? [selectMask(each.weights[0], selection, score, count, sparsity)]
        : selectTogether(each.weights, selection, score, count),
    );
    return [{group: each, count, sparsity, masks}];
  });
}

function selectMask(
  weight: SelectedWeight,
  {structure, threshold}: Selection,
  score: (weight: SelectedWeight) => Tensor,
  count: number,
  sparsity: number,
): Tensor {
  const scores = score(weight);
  const mask = maskOf(weight.variable) ?? null;
  if (threshold !== undefined) {
    return pruneBelow(scores, mask, threshold, readWeight(weight.variable));
  }
  if (!structure) {
    return pruneSmallest(scores, mask, count);
  }
  const turn = (tensor: Tensor) => inputsByOutputs(weight.maker, tensor);
  const [turned, before] = [turn(scores), mask && turn(mask)];
  return turn(
    'n' in structure
      ? pruneNM(turned, before, structure)
      : pruneBlocks(turned, before, structure, sparsity),
  );
}

function selectTogether(
  weights: readonly SelectedWeight[],
  {minKeep}: Selection,
  score: (weight: SelectedWeight) => Tensor,
  count: number,
): Tensor[] {
  let available = 0;
  const scores = weights.map((weight) => {
    const own = score(weight);
    const least = Math.ceil(minKeep * own.size);
    available += own.size - least;
    // What has to stay ranks above everything else.
    return least === 0
      ? own
      : add(
          own,
          mul(pruneSmallest(own, maskOf(weight.variable) ?? null, own.size - least), PROTECTED),
        );
  });
  const masks = weights.map(({variable}) => maskOf(variable));
  const before = masks.some((mask) => mask)
    ? flat(masks.map((mask, i) => mask ?? ones(scores[i].shape)))
    : null;
  const parts = split(
    pruneSmallest(flat(scores), before, Math.min(count, available)),
    scores.map(({size}) => size),
  );
  return parts.map((part, i) => reshape(part, scores[i].shape));
}

function flat(tensors: readonly Tensor[]): Tensor {
  return concat(tensors.map((tensor) => reshape(tensor, [-1])));
}

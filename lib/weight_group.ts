import type {Tensor} from '@tensorflow/tfjs-core';
import {add, concat, ones, reshape, split, tidy} from '@tensorflow/tfjs-core';

import {magnitude} from './criterion';
import {maskOf, readWeight} from './mask';
import type {SelectedWeight} from './prunable';
import type {SparsitySchedule} from './schedule';
import {pruneCount, pruneSmallest} from './threshold';

/** Weights that are ranked together. */
export interface WeightGroup {
  readonly weights: readonly SelectedWeight[];
  /** Elements of all weights. */
  readonly size: number;
  readonly sparsityAt: SparsitySchedule;
  /** How many elements are pruned. */
  count: number;
}

/** The masks that a group gets next. */
export interface MaskUpdate {
  readonly group: WeightGroup;
  readonly count: number;
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
  scope: 'layer' | 'global',
  schedule: (finalSparsity?: number) => SparsitySchedule,
): WeightGroup[] {
  const isPooled = ({sparsity}: SelectedWeight) => scope === 'global' && sparsity === undefined;
  const pool = weights.filter(isPooled);
  const lists = weights.filter((weight) => !isPooled(weight)).map((weight) => [weight]);
  return [...lists, ...(pool.length > 0 ? [pool] : [])].map((list) => ({
    weights: list,
    size: list.reduce((all, {variable}) => all + readWeight(variable).size, 0),
    sparsityAt: schedule(list[0].sparsity),
    count: 0,
  }));
}

/** All weights of `groups`. */
export function weightsOf(groups: readonly WeightGroup[]): SelectedWeight[] {
  return groups.flatMap(({weights}) => weights);
}

/**
 * The masks of the groups that lack zeros at `position` of their schedules.
 * None is set yet, so that a failure half-way changes nothing.
 *
 * @param poison A scalar that is 0, or NaN to have all masks as they are.
 */
export function planMasks(
  groups: readonly WeightGroup[],
  position: number,
  poison: Tensor,
): MaskUpdate[] {
  return groups.flatMap((group) => {
    const count = pruneCount(group.size, group.sparsityAt(position));
    const enough = group.weights.every(({variable}) => maskOf(variable)) && count <= group.count;
    return enough || count === 0 ? [] : [{group, count, masks: selectMasks(group, count, poison)}];
  });
}

function selectMasks({weights}: WeightGroup, count: number, poison: Tensor): Tensor[] {
  return tidy(() => {
    const scores = weights.map(({variable}) => add(magnitude(readWeight(variable)), poison));
    const masks = weights.map(({variable}) => maskOf(variable));
    if (weights.length === 1) {
      return [pruneSmallest(scores[0], masks[0] ?? null, count)];
    }
    const before = masks.some((mask) => mask)
      ? flat(masks.map((mask, i) => mask ?? ones(scores[i].shape)))
      : null;
    const parts = split(
      pruneSmallest(flat(scores), before, count),
      scores.map(({size}) => size),
    );
    return parts.map((part, i) => reshape(part, scores[i].shape));
  });
}

function flat(tensors: readonly Tensor[]): Tensor {
  return concat(tensors.map((tensor) => reshape(tensor, [-1])));
}

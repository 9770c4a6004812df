import type {Tensor} from '@tensorflow/tfjs-core';
import {tidy} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {sumOf} from '../base/count_zeros';
import type {SelectedWeight} from '../model/prunable';
import {readWeight} from '../model/read_weight';
import {maskOf} from '../projection/mask';
import type {SparsityFunction} from '../schedule/schedule';
import {pruneCount} from './prune_count';
import type {Structure} from './structure';
import {pruneSmallest} from './threshold';

/** Weights that are ranked together. */
export interface WeightGroup {
  readonly weights: readonly SelectedWeight[];
  /** Elements of all weights. */
  readonly size: number;
  readonly sparsityAt: SparsityFunction;
  /** Whether it is one of weights that share a sparsity. */
  readonly isPool: boolean;
  /** How many elements are pruned. */
  count: number;
  /** How many were pruned before the schedule, where it is one of the remaining. */
  base: number;
  /** The sparsity of the last update. */
  reached: number;
}

/** How much of a group is to be pruned. */
export interface Due {
  readonly count: number;
  readonly sparsity: number;
}

/** Weights of a group, what their elements are ranked by, and the masks they have. */
export interface Contest {
  readonly weights: readonly SelectedWeight[];
  readonly scores: readonly Tensor[];
  /** Of elements that are out of the running. */
  readonly masks: ReadonlyArray<Tensor | null>;
  /** The least share of each weight that is kept. */
  readonly minKeep: number;
}

/** The masks that come of a contest. Where a score is a NaN, masks stay as they are. */
export type Choose = (contest: Contest, due: Due) => Tensor[];

/** Who goes, where it is not the smallest scores, for good. */
export interface Cut {
  /** Whether a schedule says how many go, and not only when. */
  readonly isScheduled: boolean;
  /** Sees to a weight where training begins. */
  readonly prepare?: (variable: LayerVariable) => void;
  /** How much of a group goes at `position` of its schedule; `null` leaves it as it is. */
  readonly due: (group: WeightGroup, scheduled: Due, position: number) => Due | null;
  /** The masks that a group gets; `usual` prunes what scores lowest. */
  readonly choose: (contest: Contest, due: Due, usual: Choose) => Tensor[];
}

/** How the masks of a group are chosen. */
export interface Selection {
  readonly structure?: Structure;
  /** The least share of each weight that is kept, where several are ranked together. */
  readonly minKeep: number;
  /** Prunes what scores lowest: single weights, or patterns of a `structure`. */
  readonly choose: Choose;
  readonly cut?: Cut;
}

/** The masks that a group gets next. */
export interface MaskUpdate extends Due {
  readonly group: WeightGroup;
  readonly masks: readonly Tensor[];
}

/**
 * One group for each weight.
 *
 * @param schedule Makes the schedule for a final sparsity; `undefined` for the usual one.
 */
export function groupEach(
  weights: readonly SelectedWeight[],
  schedule: (finalSparsity?: number) => SparsityFunction,
): WeightGroup[] {
  return weights.map((weight) => groupOf([weight], schedule(weight.sparsity)));
}

/** A group of which nothing is pruned yet. */
export function groupOf(
  weights: readonly SelectedWeight[],
  sparsityAt: SparsityFunction,
  isPool = false,
): WeightGroup {
  const size = sumOf(weights.map(({variable}) => readWeight(variable).size));
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
  const {cut, choose, minKeep} = selection;
  return groups.flatMap((group) => {
    const {weights} = group;
    const due = dueOf(group, position, selection);
    if (due === null) {
      return [];
    }
    const masks = tidy(() => {
      const contest = {
        weights,
        scores: weights.map(score),
        masks: weights.map(({variable}) => maskOf(variable) ?? null),
        minKeep: group.isPool ? minKeep : 0,
      };
      return cut ? cut.choose(contest, due, choose) : choose(contest, due);
    });
    return [{group, ...due, masks}];
  });
}

function dueOf(group: WeightGroup, position: number, {structure, cut}: Selection): Due | null {
  const {weights, size, base, reached} = group;
  const scheduled = group.sparsityAt(position);
  const left = size - base;
  const count = scheduled === 0 ? 0 : base + pruneCount(left, scheduled);
  const sparsity = (base + left * scheduled) / size;
  if (cut) {
    return cut.due(group, {count, sparsity}, position);
  }
  const isReached = structure ? sparsity <= reached : count <= group.count;
  const isDone = isReached && weights.every(({variable}) => maskOf(variable));
  return count === 0 || isDone ? null : {count, sparsity};
}

/** Prunes single weights of a group of one: those of the smallest scores. */
export function chooseSmallest({scores: [own], masks: [mask]}: Contest, {count}: Due): Tensor[] {
  return [pruneSmallest(own, mask, count)];
}

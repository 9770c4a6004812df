import type {Tensor} from '@tensorflow/tfjs-core';
import {add, concat, mul, ones, reshape, split, tidy} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {sumOf} from '../base/count_zeros';
import {inputsByOutputs} from '../model/kernel_axes';
import type {SelectedWeight} from '../model/prunable';
import {readWeight} from '../model/read_weight';
import {maskOf} from '../projection/mask';
import type {SparsityFunction} from '../schedule/schedule';
import {pruneBlocks, pruneBlocksTogether} from './blocks';
import {erkSparsities} from './erk';
import {pruneNM} from './n_of_m';
import {pruneCount} from './prune_count';
import {type Structure} from './structure';
import {pruneSmallest, PROTECTED} from './threshold';

/** Which weights share a sparsity: each has it, all together do, or each by its shape (ERK). */
export type Scope = 'layer' | 'global' | 'erk';

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
  /** The masks that a group gets; `usual` prunes the smallest scores. */
  readonly choose: (contest: Contest, due: Due, usual: Choose) => Tensor[];
}

/** How the masks of a group are chosen. */
export interface Selection {
  readonly structure?: Structure;
  /** The least share of each weight that is kept. */
  readonly minKeep: number;
  readonly cut?: Cut;
}

/** The masks that a group gets next. */
export interface MaskUpdate extends Due {
  readonly group: WeightGroup;
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
  schedule: (finalSparsity?: number) => SparsityFunction,
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
  const {cut} = selection;
  return groups.flatMap((group) => {
    const {weights} = group;
    const due = dueOf(group, position, selection);
    if (due === null) {
      return [];
    }
    const usual: Choose = (...contest) =>
      group.isPool ? selectTogether(selection, ...contest) : [selectMask(selection, ...contest)];
    const masks = tidy(() => {
      const contest = {
        weights,
        scores: weights.map(score),
        masks: weights.map(({variable}) => maskOf(variable) ?? null),
      };
      return cut ? cut.choose(contest, due, usual) : usual(contest, due);
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

function selectMask(
  {structure}: Selection,
  {weights: [weight], scores: [scores], masks: [mask]}: Contest,
  {count, sparsity}: Due,
): Tensor {
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
  {structure, minKeep}: Selection,
  contest: Contest,
  {count, sparsity}: Due,
): Tensor[] {
  const {masks} = contest;
  if (structure && 'block' in structure) {
    const turn = (tensor: Tensor, i: number) => inputsByOutputs(contest.weights[i].maker, tensor);
    const before = masks.map((mask, i) => mask && turn(mask, i));
    const scores = contest.scores.map(turn);
    return pruneBlocksTogether(scores, before, structure, sparsity, minKeep).map(turn);
  }
  let available = 0;
  const scores = contest.scores.map((own, i) => {
    const least = Math.ceil(minKeep * own.size);
    available += own.size - least;
    // What has to stay ranks above everything else.
    return least === 0
      ? own
      : add(own, mul(pruneSmallest(own, masks[i], own.size - least), PROTECTED));
  });
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

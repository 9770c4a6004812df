import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  cast,
  concat,
  isNaN as isNaNTensor,
  mul,
  ones,
  reshape,
  split,
  sub,
  sum,
  tidy,
} from '@tensorflow/tfjs-core';

import {inputsByOutputs} from '../model/kernel_axes';
import type {SelectedWeight} from '../model/prunable';
import {readWeight} from '../model/read_weight';
import {denseOf, maskOf} from '../projection/mask';
import type {SparsityFunction} from '../schedule/schedule';
import {erkSparsities} from './erk';
import {favourKept} from './hysteresis';
import {pruneBlocks, pruneNM, type Structure} from './pattern';
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

/** Who goes, beside those of the sparsity, and who may come back. */
export interface Cut {
  /** Scores below are pruned, and the schedule only says when. */
  readonly threshold?: Threshold;
  /**
   * Pruned weights come back where they score high enough again, and by this
   * share of the cut more than those that stay: in [0, 1). Without it they never do.
   */
  readonly margin?: number;
}

/** How the masks of a group are chosen. */
export interface Selection extends Cut {
  readonly structure?: Structure;
  /** The least share of each weight that is kept. */
  readonly minKeep: number;
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
    const {structure, threshold, margin} = selection;
    const scheduled = each.sparsityAt(position);
    const left = each.size - each.base;
    const due = {
      count: scheduled === 0 ? 0 : each.base + pruneCount(left, scheduled),
      sparsity: (each.base + left * scheduled) / each.size,
    };
    // Weights come back only for others that go: a schedule that falls frees none.
    const isHeld = margin !== undefined;
    const count = isHeld ? Math.max(due.count, each.count) : due.count;
    const sparsity = isHeld ? Math.max(due.sparsity, each.reached) : due.sparsity;
    const hasMasks = each.weights.every(({variable}) => maskOf(variable));
    const isReached = !isHeld && (structure ? sparsity <= each.reached : count <= each.count);
    const isNothing = structure ? sparsity === 0 : count === 0;
    const isWaiting = scheduled === 0 && !isHeld;
    if (threshold === undefined && (isWaiting || isNothing || (hasMasks && isReached))) {
      return [];
    }
    const masks = tidy(() => {
      const competitions = each.weights.map((weight) => compete(weight, selection, score));
      return each.isPool
        ? selectTogether(competitions, selection, count)
        : [selectMask(each.weights[0], selection, competitions[0], count, sparsity)];
    });
    return [{group: each, count, sparsity, masks}];
  });
}

/** What a weight's elements are ranked by. */
interface Competition {
  readonly scores: Tensor;
  /** Of elements that are out of the running. */
  readonly mask: Tensor | null;
  /** The mask that comes of it; one from scores with a NaN is the one that the weight has. */
  settle(mask: Tensor): Tensor;
}

function compete(
  weight: SelectedWeight,
  {margin}: Selection,
  score: (weight: SelectedWeight) => Tensor,
): Competition {
  const scores = score(weight);
  const mask = maskOf(weight.variable) ?? null;
  if (margin === undefined || mask === null) {
    return {scores, mask, settle: (after) => after};
  }
  const spoilt = cast(isNaNTensor(sum(scores)), 'float32');
  return {
    scores: favourKept(scores, mask, margin),
    mask: null,
    settle: (after) => add(mul(mask, spoilt), mul(after, sub(1, spoilt))),
  };
}

function selectMask(
  weight: SelectedWeight,
  {structure, threshold}: Selection,
  {scores, mask, settle}: Competition,
  count: number,
  sparsity: number,
): Tensor {
  if (threshold !== undefined) {
    return settle(pruneBelow(scores, mask, threshold, denseOf(weight.variable)));
  }
  if (!structure) {
    return settle(pruneSmallest(scores, mask, count));
  }
  const turn = (tensor: Tensor) => inputsByOutputs(weight.maker, tensor);
  const [turned, before] = [turn(scores), mask && turn(mask)];
  const after =
    'n' in structure
      ? pruneNM(turned, before, structure)
      : pruneBlocks(turned, before, structure, sparsity);
  return settle(turn(after));
}

function selectTogether(
  competitions: readonly Competition[],
  {minKeep}: Selection,
  count: number,
): Tensor[] {
  let available = 0;
  const scores = competitions.map(({scores: own, mask}) => {
    const least = Math.ceil(minKeep * own.size);
    available += own.size - least;
    // What has to stay ranks above everything else.
    return least === 0 ? own : add(own, mul(pruneSmallest(own, mask, own.size - least), PROTECTED));
  });
  const before = competitions.some(({mask}) => mask)
    ? flat(competitions.map(({mask}, i) => mask ?? ones(scores[i].shape)))
    : null;
  const parts = split(
    pruneSmallest(flat(scores), before, Math.min(count, available)),
    scores.map(({size}) => size),
  );
  return parts.map((part, i) => competitions[i].settle(reshape(part, scores[i].shape)));
}

function flat(tensors: readonly Tensor[]): Tensor {
  return concat(tensors.map((tensor) => reshape(tensor, [-1])));
}

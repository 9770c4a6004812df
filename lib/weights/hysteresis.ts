import type {Tensor} from '@tensorflow/tfjs-core';
import {abs, add, cast, isNaN as isNaNTensor, mul, sub, sum, tidy} from '@tensorflow/tfjs-core';

import {keepDense} from '../projection/dense_mask';
import type {Cut, WeightGroup} from './weight_group';

/**
 * Pruned weights come back where they score high enough again, and by `margin` of the
 * cut more than those that stay.
 *
 * @param margin In [0, 1).
 * @param cut Where the cut is; without one it follows from the schedule.
 */
export function hysteresis(margin: number, cut?: Cut): Cut {
  /** The position of the last update, which is not made again: others might come back. */
  const updatedAt = new WeakMap<WeightGroup, number>();
  return {
    isScheduled: cut === undefined,
    prepare: keepDense,
    due: (group, scheduled, position) => {
      if (position <= (updatedAt.get(group) ?? -1)) {
        return null;
      }
      updatedAt.set(group, position);
      if (cut) {
        return cut.due(group, scheduled, position);
      }
      // Weights come back only for others that go: a schedule that falls frees none.
      const count = Math.max(scheduled.count, group.count);
      const sparsity = Math.max(scheduled.sparsity, group.reached);
      return count === 0 ? null : {count, sparsity};
    },
    choose: (contest, due, usual) => {
      const {scores, masks} = contest;
      const favored = scores.map((own, i) => {
        const mask = masks[i];
        return mask ? favorKept(own, mask, margin) : own;
      });
      const open = {...contest, scores: favored, masks: masks.map(() => null)};
      const chosen = cut ? cut.choose(open, due, usual) : usual(open, due);
      return chosen.map((after, i) => orAsBefore(after, masks[i], scores[i]));
    },
  };
}

/** The mask `after`, or where a score is a NaN the one `before`. */
function orAsBefore(after: Tensor, before: Tensor | null, scores: Tensor): Tensor {
  if (before === null) {
    return after;
  }
  const spoilt = cast(isNaNTensor(sum(scores)), 'float32');
  return add(mul(before, spoilt), mul(after, sub(1, spoilt)));
}

/**
 * Scores with two cuts in one (Guo et al. 2016, https://arxiv.org/abs/1608.04493):
 * at a cut t of what is returned, a kept weight stays whose score is at least
 * (1 − margin)·t, and a pruned one comes back whose score is at least (1 + margin)·t.
 *
 * @param scores float32 of any shape.
 * @param mask The present mask, of the same shape.
 * @param margin In [0, 1).
 */
export function favorKept(scores: Tensor, mask: Tensor, margin: number): Tensor {
  return tidy(() => {
    const [loss, gain] = [-margin / (1 + margin), margin / (1 - margin)];
    // Sums and not products of the score: below zero, too, more is better.
    const share = add(mul(mask, gain), mul(sub(1, mask), loss));
    return add(scores, mul(abs(scores), share));
  });
}

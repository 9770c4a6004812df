import type {Tensor} from '@tensorflow/tfjs-core';
import {add, mul, tidy} from '@tensorflow/tfjs-core';

import {readWeight} from '../model/read_weight';
import {erkSparsities} from './erk';
import type {Scope} from './selection';
import {PROTECTED, pruneSmallest} from './threshold';
import {apart, flat, flatMasks} from './together';
import type {Ways} from './ways';
import {type Contest, type Due, groupEach, groupOf} from './weight_group';

/**
 * Groups of weights that share a sparsity: one of all (`'global'`), or each on its own
 * and by its shape (`'erk'`). Those that have a final sparsity of their own stand apart.
 */
export function groupBy(scope: Scope): Ways['group'] {
  return (weights, schedule) => {
    const others = weights.filter(({sparsity}) => sparsity !== undefined);
    const pool = weights.filter(({sparsity}) => sparsity === undefined);
    const sparsityAt = schedule();
    if (scope === 'global') {
      const pooled = pool.length > 0 ? [groupOf(pool, sparsityAt, true)] : [];
      return [...groupEach(others, schedule), ...pooled];
    }
    const shapes = pool.map(({variable}) => readWeight(variable).shape);
    return weights.map((weight) => {
      const index = pool.indexOf(weight);
      const ofShape = (step: number) => erkSparsities(shapes, sparsityAt(step))[index];
      return groupOf([weight], index < 0 ? schedule(weight.sparsity) : ofShape);
    });
  };
}

/** Prunes single weights of a group: those of the smallest scores of all. */
export function chooseTogether({scores, masks, minKeep}: Contest, {count}: Due): Tensor[] {
  let available = 0;
  const ranked = scores.map((own, i) => {
    const least = Math.ceil(minKeep * own.size);
    available += own.size - least;
    // What has to stay ranks above everything else.
    return least === 0
      ? own
      : add(own, mul(pruneSmallest(own, masks[i], own.size - least), PROTECTED));
  });
  // Each copy is as large as all weights, so that none stays longer than it is needed.
  const chosen = tidy(() =>
    pruneSmallest(flat(ranked), flatMasks(masks, scores), Math.min(count, available)),
  );
  return apart(chosen, scores);
}

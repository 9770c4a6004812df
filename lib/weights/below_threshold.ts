import type {Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  add,
  cast,
  div,
  greaterEqual,
  isNaN as isNaNTensor,
  max,
  maximum,
  minimum,
  mul,
  sqrt,
  square,
  sub,
  sum,
  tidy,
} from '@tensorflow/tfjs-core';

import {LARGEST} from '../base/float32';
import {denseOf} from '../projection/mask';
import type {Cut} from './weight_group';

/** Prunes what scores below `threshold`: a schedule only says when. */
export function belowThreshold(threshold: Threshold): Cut {
  return {
    isScheduled: false,
    due: ({count, reached}) => ({count, sparsity: reached}),
    choose: ({weights, scores, masks}) =>
      weights.map(({variable}, i) => pruneBelow(scores[i], masks[i], threshold, denseOf(variable))),
  };
}

/**
 * Where the cut is: at a score; at `std` times the standard deviation of the
 * weights that are left (Han 2015's quality parameter); or at the mean of all
 * magnitudes plus `rate` times their standard deviation (Guo 2016's c).
 */
export type Threshold = number | {std: number} | {rate: number};

/**
 * The mask that keeps the scores of at least `threshold`, and the largest score
 * where that would keep none.
 *
 * @param weight Whose standard deviation counts.
 */
export function pruneBelow(
  scores: Tensor,
  mask: Tensor | null,
  threshold: Threshold,
  weight: Tensor,
): Tensor {
  return tidy(() => {
    const limit = typeof threshold === 'number' ? threshold : cutOf(threshold, weight, mask);
    const ranked = mask ? minimum(scores, mul(sub(mask, 0.5), LARGEST)) : scores;
    const kept = cast(greaterEqual(scores, minimum(limit, max(ranked))), 'float32');
    // With a NaN all stay.
    const after = maximum(kept, cast(isNaNTensor(sum(scores)), 'float32'));
    return mask ? mul(mask, after) : after;
  });
}

function cutOf(threshold: Exclude<Threshold, number>, weight: Tensor, mask: Tensor | null): Tensor {
  if ('std' in threshold) {
    return mul(deviation(weight, mask), threshold.std);
  }
  const magnitudes = abs(weight);
  return add(
    div(sumByRows(magnitudes), weight.size),
    mul(deviation(magnitudes, null), threshold.rate),
  );
}

/** The standard deviation of the elements that `mask` keeps: pruned ones are zero. */
function deviation(weight: Tensor, mask: Tensor | null): Tensor {
  const count = mask ? sumByRows(mask) : weight.size;
  const distance = sub(weight, div(sumByRows(weight), count));
  return sqrt(div(sumByRows(square(mask ? mul(distance, mask) : distance)), count));
}

/** Backends that add one number after the other get stuck at 2²⁴ ones, here only in a row. */
function sumByRows(tensor: Tensor): Tensor {
  return sum(sum(tensor, -1));
}

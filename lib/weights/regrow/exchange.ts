import type {Tensor} from '@tensorflow/tfjs-core';
import {abs, add, sub, tidy} from '@tensorflow/tfjs-core';

import {pruneSmallest} from '../threshold';

/**
 * The mask after `moves` connections have moved: so many of the kept weights go,
 * the smallest in magnitude, and as many of all that are pruned then come back,
 * those that score highest. One that goes and scores highest stays.
 *
 * The number of zeros is the same as before, exactly; ties go by position.
 *
 * @param weight float32 of any shape.
 * @param mask Its mask, of the same shape, with `zeros` zeros.
 * @param scores What pruned weights come back by, of the same shape.
 * @param moves At most the number of weights that are kept, less one.
 */
export function exchange(
  weight: Tensor,
  mask: Tensor,
  scores: Tensor,
  zeros: number,
  moves: number,
): Tensor {
  return tidy(() => {
    const kept = pruneSmallest(abs(weight), mask, zeros + moves);
    // In a mask of what is pruned, what is kept counts as gone and goes no further.
    const regrown = pruneSmallest(scores, sub(1, kept), weight.size - moves);
    return add(kept, regrown);
  });
}

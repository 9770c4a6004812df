import type {Tensor} from '@tensorflow/tfjs-core';
import {abs, add, mul, sub, tidy} from '@tensorflow/tfjs-core';

/**
 * Scores with two cuts in one (Guo et al. 2016, https://arxiv.org/abs/1608.04493):
 * at a cut t of what is returned, a kept weight stays whose score is at least
 * (1 − margin)·t, and a pruned one comes back whose score is at least (1 + margin)·t.
 *
 * @param scores float32 of any shape.
 * @param mask The present mask, of the same shape.
 * @param margin In [0, 1).
 */
export function favourKept(scores: Tensor, mask: Tensor, margin: number): Tensor {
  return tidy(() => {
    const [loss, gain] = [-margin / (1 + margin), margin / (1 - margin)];
    // Sums and not products of the score: below zero, too, more is better.
    const share = add(mul(mask, gain), mul(sub(1, mask), loss));
    return add(scores, mul(abs(scores), share));
  });
}

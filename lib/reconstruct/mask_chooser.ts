import type {Tensor} from '@tensorflow/tfjs-core';

import type {LeastSquares} from './solver';

/** A way to choose by data which weights go. */
export type MaskChooser = (
  problem: LeastSquares,
  weights: Tensor,
  select: Select,
  kept: number,
) => ChosenWeights;

/** What a way to choose ends with, [groups, inputs, outputs], owned by the caller. */
export interface ChosenWeights {
  weights: Tensor;
  mask: Tensor;
}

/**
 * The mask of what is worth the most.
 *
 * @param scores [groups, inputs, outputs], and so is the mask.
 * @param before A mask whose zeros stay.
 * @param share Of the zeros that there are to be in the end.
 */
export type Select = (scores: Tensor, before: Tensor, share: number) => Tensor;

import {
  abs,
  cumsum,
  div,
  maximum,
  mul,
  reshape,
  scatterND,
  sqrt,
  square,
  topk,
  type Tensor,
} from '@tensorflow/tfjs-core';

import type {Criterion} from './criterion';

type OfWeight = (weight: Tensor) => Tensor;

/** Scores that optimizer steps add up to. */
interface OverSteps {
  /** What a step adds, before it is applied. */
  readonly addend: (weight: Tensor, gradient: Tensor) => Tensor;
  /** Of the sum in the score: one product in the end is cheaper than one in each step. */
  readonly sign: 1 | -1;
}

const OF_WEIGHT: Readonly<Record<string, OfWeight>> = {
  l2: (weight) => square(weight),
  lamp,
};

/**
 * The root of the scores of layer-adaptive magnitude pruning, which ranks alike
 * (https://arxiv.org/abs/2010.07611): the sizes of layers do not count in it, and the
 * largest element of each has the score 1.
 */
function lamp(weight: Tensor): Tensor {
  const {size} = weight;
  const {values, indices} = topk(reshape(abs(weight), [-1]), size);
  // Where all are zero, so are the scores.
  const norms = maximum(sqrt(cumsum(square(values))), 1e-30);
  const scores = scatterND(reshape(indices, [size, 1]), div(values, norms), [size]);
  return reshape(scores, weight.shape);
}

const OVER_STEPS: Readonly<Record<string, OverSteps>> = {
  gradient: {sign: 1, addend: (_weight, gradient) => abs(gradient)},
  taylor: {sign: 1, addend: (weight, gradient) => abs(mul(weight, gradient))},
  movement: {sign: -1, addend: (weight, gradient) => mul(weight, gradient)},
};

/** The scores of a criterion that looks at the weight alone; `undefined` for another. */
export function scoresOfWeight(criterion: Criterion): OfWeight | undefined {
  return OF_WEIGHT[criterion as string];
}

/** How steps add up to the scores of a criterion; `undefined` for one that needs no steps. */
export function scoresOverSteps(criterion: Criterion): OverSteps | undefined {
  return OVER_STEPS[criterion as string];
}

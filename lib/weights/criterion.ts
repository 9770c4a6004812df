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

import {checkChoice} from '../base/check';

/** What a criterion of your own gets in addition to the weight. */
export interface CriterionContext {
  /** The gradient of the optimizer step just done, of the weight's shape; none outside a step. */
  gradient?: Tensor;
  /** Optimizer steps done. */
  step: number;
  /** The weight's name, such as `'dense_1/kernel'`. */
  layer: string;
}

/**
 * How important each element of a weight is: scores of the weight's shape,
 * computed on the device. The lowest scores are pruned first.
 */
export type CriterionFunction = (weight: Tensor, context: CriterionContext) => Tensor;

/**
 * | name | score | source |
 * | --- | --- | --- |
 * | `'magnitude'` | \\|w\\|; over blocks their mean or largest | Han 2015 |
 * | `'l2'` | w²; over blocks their mean or largest | |
 * | `'lamp'` | \\|w\\| / √Σ v² over all v of the weight with \\|v\\| ≥ \\|w\\|, for `scope: 'global'` | Lee 2021 |
 * | `'gradient'` | mean \\|g\\| over the steps since the last update | |
 * | `'taylor'` | mean \\|w·g\\| over these steps | Molchanov 2017 |
 * | `'movement'` | −Σ w·g over all steps so far | Sanh 2020 |
 * | `'random'` | uniform, from `seed` | |
 */
export type CriterionName =
  'magnitude' | 'l2' | 'lamp' | 'gradient' | 'taylor' | 'movement' | 'random';

/** A criterion by name, or a function of your own. */
export type Criterion = CriterionName | CriterionFunction;

type OfWeight = (weight: Tensor) => Tensor;

/** Scores that optimizer steps add up to. */
interface OverSteps {
  /** What a step adds, before it is applied. */
  readonly addend: (weight: Tensor, gradient: Tensor) => Tensor;
  /** Of the sum in the score: one product in the end is cheaper than one in each step. */
  readonly sign: 1 | -1;
}

const OF_WEIGHT: Readonly<Record<string, OfWeight>> = {
  magnitude: (weight) => abs(weight),
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

const NAMES = [...Object.keys(OF_WEIGHT), ...Object.keys(OVER_STEPS), 'random'] as CriterionName[];

/** Throws unless `criterion` is a name or a function. */
export function checkCriterion(criterion: unknown): asserts criterion is Criterion {
  if (typeof criterion !== 'function') {
    checkChoice('criterion', criterion, NAMES);
  }
}

/** The scores of a criterion that looks at the weight alone; `undefined` for another. */
export function scoresOfWeight(criterion: Criterion): OfWeight | undefined {
  return OF_WEIGHT[criterion as string];
}

/** How steps add up to the scores of a criterion; `undefined` for one that needs no steps. */
export function scoresOverSteps(criterion: Criterion): OverSteps | undefined {
  return OVER_STEPS[criterion as string];
}

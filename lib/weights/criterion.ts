import type {Tensor} from '@tensorflow/tfjs-core';

import {checkChoice} from '../base/check';

/** What a criterion function receives in addition to the weight. */
export interface CriterionContext {
  /** The gradient of the last optimizer step, of the weight's shape; absent outside a step. */
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
 * The score of a weight w with the gradient g:
 *
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

const NAMES: readonly CriterionName[] = [
  'magnitude',
  'l2',
  'lamp',
  'gradient',
  'taylor',
  'movement',
  'random',
];

/** Throws unless `criterion` is a name or a function. */
export function checkCriterion(criterion: unknown): asserts criterion is Criterion {
  if (typeof criterion !== 'function') {
    checkChoice('criterion', criterion, NAMES);
  }
}

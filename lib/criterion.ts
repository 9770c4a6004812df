import {abs, type Tensor} from '@tensorflow/tfjs-core';

/**
 * How important each element of a weight is: scores of the weight's shape, on
 * the device. The lowest scores are pruned first.
 */
export type Criterion = (weight: Tensor) => Tensor;

/** |w|: small weights change the output least (LeCun 1989's and Han 2015's baseline). */
export const magnitude: Criterion = (weight) => abs(weight);

import type {Tensor} from '@tensorflow/tfjs-core';
import {add, cast, mul, reshape, sum, tidy} from '@tensorflow/tfjs-core';
import {metrics as builtin} from '@tensorflow/tfjs-layers';

import {hasShape, type Head, type HeadArgs} from './head';

/**
 * Numbers of any value: the target is alpha·teacher + (1 − alpha)·label. By the
 * squared distance, its loss has the gradient of
 * alpha·(student − teacher)² + (1 − alpha)·(student − label)².
 */
export function valuesHead({shape, alpha, hardLoss = builtin.meanSquaredError}: HeadArgs): Head {
  return {
    expected: 'finite labels',
    labels: (given) => {
      if (hasShape(given, shape)) {
        return given;
      }
      // A vector as a matrix of one column, as `fit` makes it.
      const isFlat = shape[shape.length - 1] === 1 && hasShape(given, shape.slice(0, -1));
      return isFlat ? reshape(given, [...given.shape, 1]) : undefined;
    },
    // NaN times 0 is not 0, nor is infinity.
    flaw: (labels) => sum(mul(cast(labels, 'float32'), 0)),
    said: (outputs: Tensor) => tidy(() => mul(outputs, 1)),
    pack: (labels, said) =>
      tidy(() => add(mul(said, alpha), mul(cast(labels, 'float32'), 1 - alpha))),
    targetsFrom: null,
    loss: hardLoss,
    accuracy: null,
    ofLabels: (metric) => metric,
  };
}

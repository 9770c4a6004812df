import type {Tensor} from '@tensorflow/tfjs-core';
import {mean, mul, square, sub, tidy} from '@tensorflow/tfjs-core';

import {check} from '../base/check';

/** A loss or metric of tfjs: from targets and outputs to a number a sample. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** Throws where targets would be broadcast to the outputs. */
export function checkSameShape(yTrue: Tensor, yPred: Tensor): void {
  check(
    yTrue.shape.join() === yPred.shape.join(),
    'y',
    `targets of the shape of the model's output, [${yPred.shape}]`,
    `[${yTrue.shape}]`,
  );
}

/** `weight` times a loss. */
export function weighted(loss: LossFunction, weight: number): LossFunction {
  const times: LossFunction = (yTrue, yPred) => tidy(() => mul(loss(yTrue, yPred), weight));
  return weight === 1 ? loss : Object.defineProperty(times, 'name', {value: loss.name});
}

/** The mean squared distance between a layer's outputs and the teacher's, a number a sample. */
export function hintLoss(weight: number): LossFunction {
  return function hint(yTrue, yPred) {
    return tidy(() => {
      const axes = yPred.shape.map((_, axis) => axis).slice(1);
      return mul(mean(square(sub(yTrue, yPred)), axes), weight);
    });
  };
}

import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  log,
  logSoftmax,
  maximum,
  mean,
  mul,
  neg,
  square,
  sub,
  sum,
  tidy,
} from '@tensorflow/tfjs-core';
import {metrics as builtin} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {logSoften, unpackLabels} from './soft_labels';

/** A loss or metric of tfjs: from targets and outputs to a number a sample. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** What goes into the loss. */
export interface LossArgs {
  temperature: number;
  alpha: number;
  fromLogits: boolean;
  hardLoss: LossFunction;
}

/**
 * alpha·T²·KL(soft teacher ‖ soft student) + (1 − alpha)·the hard loss, a number
 * a sample, for packed targets; for plain labels, as in validation, the hard loss.
 */
export function distillationLoss(args: LossArgs): LossFunction {
  const {temperature, alpha, fromLogits, hardLoss} = args;
  return function distillation(yTrue, yPred) {
    check(
      yTrue.shape.join() === yPred.shape.join(),
      'y',
      `targets of the shape of the model's output, [${yPred.shape}]`,
      `[${yTrue.shape}]`,
    );
    return tidy(() => {
      const {hard, soft, isPacked} = unpackLabels(yTrue);
      const student = logSoften(yPred, temperature, fromLogits);
      const teacher = log(maximum(soft, SMALLEST));
      const divergence = sum(mul(soft, sub(teacher, student)), -1);
      const share = mul(isPacked, alpha);
      return add(
        mul(mul(share, temperature ** 2), divergence),
        mul(sub(1, share), hardLoss(hard, yPred)),
      );
    });
  };
}

/** Only so that 0·log(0) is 0. */
const SMALLEST = 1e-37;

/** The categorical cross-entropy, a number a sample. */
export function crossentropy(fromLogits: boolean): LossFunction {
  return fromLogits
    ? (yTrue, yPred) => tidy(() => neg(sum(mul(yTrue, logSoftmax(yPred)), -1)))
    : builtin.categoricalCrossentropy;
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

/** The metric, of the labels in packed targets. It keeps its name, which the logs show. */
export function ofLabels(metric: LossFunction): LossFunction {
  const wrapped: LossFunction = (yTrue, yPred) =>
    tidy(() => metric(unpackLabels(yTrue).hard, yPred));
  return Object.defineProperty(wrapped, 'name', {value: metric.name});
}

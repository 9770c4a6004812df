import {clone, customGrad, keep, max, type Tensor, tidy} from '@tensorflow/tfjs-core';

import type {Head} from './heads/head';
import type {LossFunction} from './loss';

/**
 * The loss of `head`, which warns once where a model is trained with plain labels: in
 * validation they are right, but in training the teacher then teaches nothing.
 */
export function lossOfTargets({loss, targetsFrom}: Head): LossFunction {
  if (targetsFrom === null) {
    return loss;
  }
  let isSeen = false;
  const look = (yTrue: Tensor) => {
    if (!isSeen) {
      isSeen = true;
      void warnOfPlainLabels(keep(tidy(() => max(yTrue))), targetsFrom);
    }
  };
  const watched: LossFunction = (yTrue, yPred) => {
    // Only in training a gradient is asked for.
    const watch = customGrad((value) => {
      const gradFunc = (gradient: Tensor | Tensor[]) => {
        look(yTrue);
        return gradient as Tensor;
      };
      return {value: clone(value as Tensor), gradFunc};
    });
    return tidy(() => watch(loss(yTrue, yPred)));
  };
  // By its name, metrics and logs call it.
  return Object.defineProperty(watched, 'name', {value: loss.name});
}

/** @param largest The largest number in a batch, which is disposed. */
async function warnOfPlainLabels(largest: Tensor, targetsFrom: number): Promise<void> {
  const [value] = await largest.data();
  largest.dispose();
  if (value < targetsFrom) {
    console.warn(
      'distill: the model trains with plain labels, so the teacher teaches nothing. Pass ' +
        'await targets(x, y) to fit, or dataset(...) to fitDataset.',
    );
  }
}

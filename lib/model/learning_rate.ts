import type {Optimizer} from '@tensorflow/tfjs-core';

import {PruningError} from '../base/errors';

/**
 * The learning rate of the optimizer's step number `step`, counted from 0, as
 * `setLearningRate` or an assignment has left it: η of SGD, Momentum, RMSProp,
 * Adam, Adagrad and Adadelta, and η/(1 + decay·step) of Adamax. Without the
 * factors that adaptive optimizers give each weight.
 *
 * @throws PruningError for an optimizer without a `learningRate`.
 */
export function learningRate(optimizer: Optimizer, step: number): number {
  const rate: unknown = Reflect.get(optimizer, 'learningRate');
  if (typeof rate !== 'number' || !Number.isFinite(rate) || rate < 0) {
    throw new PruningError('optimizer.learningRate', 'a finite number of at least 0', rate);
  }
  if (optimizer.getClassName() !== 'Adamax') {
    return rate; // RMSProp has a decay too, of its averages.
  }
  return rate / (1 + (Reflect.get(optimizer, 'decay') as number) * step);
}

/**
 * Sets the learning rate of the steps to come. SGD and Momentum multiply by a tensor
 * that they made of it, so that assigning `learningRate` does nothing there.
 */
export function setLearningRate(optimizer: Optimizer, rate: number): void {
  const own: unknown = Reflect.get(optimizer, 'setLearningRate');
  if (typeof own === 'function') {
    Reflect.apply(own, optimizer, [rate]);
  } else {
    Reflect.set(optimizer, 'learningRate', rate);
  }
}

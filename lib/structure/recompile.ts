import type {Optimizer, serialization} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {PruningError} from '../errors';

/**
 * Compiles `target` as `source` is, if it is: the same loss and metrics, and a
 * new optimizer of the same class and configuration, which `target` owns.
 */
export function recompile(source: LayersModel, target: LayersModel): void {
  const {optimizer, loss, metrics} = source;
  if (optimizer == null) {
    return;
  }
  target.compile({optimizer: freshOptimizer(optimizer), loss, metrics} as never);
  // So that disposing of the model disposes of the optimizer.
  Reflect.set(target, 'isOptimizerOwned', true);
}

/** A new optimizer of the same class and configuration, with no step done. */
export function freshOptimizer(optimizer: Optimizer): Optimizer {
  const type = optimizer.constructor as serialization.SerializableConstructor<Optimizer>;
  try {
    return type.fromConfig(type, optimizer.getConfig());
  } catch (cause) {
    throw new PruningError(
      `optimizer ${optimizer.getClassName()}`,
      'one that its own configuration can make again',
      cause,
      {cause},
    );
  }
}

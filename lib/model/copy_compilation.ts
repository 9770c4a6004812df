import type {Optimizer, serialization} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {PruningError} from '../base/errors';

/**
 * Gives `target` what is not in a configuration: it is compiled as `source` is,
 * if it is, with a new optimizer of the same class and configuration, which it
 * owns; and it has the same metadata of the user.
 */
export function takeOver(source: LayersModel, target: LayersModel): void {
  const {optimizer, loss, metrics} = source;
  if (optimizer != null) {
    target.compile({optimizer: freshOptimizer(optimizer), loss, metrics});
    // So that disposing of the model disposes of the optimizer.
    Reflect.set(target, 'isOptimizerOwned', true);
  }
  const metadata = source.getUserDefinedMetadata();
  if (metadata != null) {
    target.setUserDefinedMetadata(metadata);
  }
}

/** A new optimizer of the same class and configuration, but for `changes`, with no step done. */
export function freshOptimizer(
  optimizer: Optimizer,
  changes: serialization.ConfigDict = {},
): Optimizer {
  const type = optimizer.constructor as serialization.SerializableConstructor<Optimizer>;
  try {
    return type.fromConfig(type, {...optimizer.getConfig(), ...changes});
  } catch (cause) {
    throw new PruningError(
      `optimizer ${optimizer.getClassName()}`,
      'one that its own configuration can make again',
      cause,
      {cause},
    );
  }
}

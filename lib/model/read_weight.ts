import type {Variable} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {PruningError} from '../base/errors';

/** The weight's `tf.Variable`. */
export function readWeight(variable: LayerVariable): Variable {
  try {
    return variable.read() as Variable;
  } catch (cause) {
    const weight = `weight '${variable.originalName}'`;
    throw new PruningError(weight, 'a weight in use', 'a disposed one', {cause});
  }
}

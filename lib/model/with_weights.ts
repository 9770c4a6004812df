import type {Tensor} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

/**
 * Runs `run` while each variable reads as the tensor given for it. Nothing is
 * written: the variables keep their values, their masks and what else follows
 * a write. `run` must not await.
 */
export function withWeights<T>(weights: ReadonlyMap<LayerVariable, Tensor>, run: () => T): T {
  const former = [...weights.keys()].map((variable) => Reflect.get(variable, 'val') as unknown);
  try {
    weights.forEach((value, variable) => Reflect.set(variable, 'val', value));
    return run();
  } finally {
    [...weights.keys()].forEach((variable, i) => Reflect.set(variable, 'val', former[i]));
  }
}

import {backend} from '@tensorflow/tfjs-core';

/**
 * Keeps tfjs's plain JavaScript backend, if it is the one in use, from recommending tfjs-node
 * on the console with its first tensor.
 */
export function quietCpu(): void {
  const current = backend();
  if ('firstUse' in current) {
    Reflect.set(current, 'firstUse', false);
  }
}

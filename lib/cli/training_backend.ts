import {ready, setBackend} from '@tensorflow/tfjs-core';

import {PruningError} from '../errors';

/** Backends by how fast they train, each with the package that brings it. */
const PACKAGES = {
  'tensorflow-gpu': '@tensorflow/tfjs-node-gpu',
  tensorflow: '@tensorflow/tfjs-node',
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs-backend-cpu',
} as const;

/** The names of backends that train on Node. */
export const TRAINING_BACKENDS = Object.keys(PACKAGES) as Array<keyof typeof PACKAGES>;

/**
 * Starts the named backend, or the fastest that is installed.
 *
 * @returns Its name.
 * @throws PruningError where it is not installed, or none is.
 */
export async function startTrainingBackend(name?: keyof typeof PACKAGES): Promise<string> {
  const names = name === undefined ? TRAINING_BACKENDS : [name];
  for (const each of names) {
    const isThere = await import(PACKAGES[each]).then(
      () => true,
      () => false,
    );
    if (isThere && (await setBackend(each.replace('-gpu', '')))) {
      await ready();
      if (each === 'wasm') {
        const {replaceSlowKernels} = await import('../wasm');
        replaceSlowKernels();
      }
      return each;
    }
  }
  const packages = names.map((each) => PACKAGES[each]).join(', ');
  throw new PruningError('--backend', `one of ${packages} to be installed`, 'none');
}

import {getBackend, ready, setBackend} from '@tensorflow/tfjs-core';

import {PruningError} from '../errors';

/** Backend → the package that brings it, those that are quickest to start first. */
const PACKAGES = {
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs-backend-cpu',
  tensorflow: '@tensorflow/tfjs-node',
} as const;

/**
 * Starts the first backend that is installed.
 *
 * @throws PruningError where none is.
 */
export async function startBackend(): Promise<void> {
  for (const [name, packageName] of Object.entries(PACKAGES)) {
    const isThere = await import(packageName).then(
      () => true,
      () => false,
    );
    if (isThere && (await setBackend(name))) {
      await ready();
      return;
    }
  }
  throw new PruningError(
    'backend',
    `one of ${Object.values(PACKAGES).join(', ')} to be installed`,
    'none',
  );
}

/**
 * Runs `load` where memory is plain arrays, if that backend is installed; tensors move to
 * the one in use when they are first used. A model is made of zeros before it gets its
 * weights: arrays of zeros take no memory, and wasm never gives any back.
 */
export async function inPlainMemory<T>(load: () => Promise<T>): Promise<T> {
  const inUse = getBackend();
  await import(PACKAGES.cpu).then(
    () => setBackend('cpu'),
    () => undefined,
  );
  try {
    return await load();
  } finally {
    await setBackend(inUse);
  }
}

import * as tf from '@tensorflow/tfjs-core';

/** Backends by speed, each with what brings it. */
const BACKENDS = {
  'tensorflow-gpu': () => importOptional('@tensorflow/tfjs-node-gpu'),
  tensorflow: () => importOptional('@tensorflow/tfjs-node'),
  wasm: async () => {
    await import('@tensorflow/tfjs-backend-wasm');
    const {replaceSlowKernels} = await import('tfjs-prune/wasm');
    replaceSlowKernels();
  },
} as const;

/**
 * Starts the named backend, or the fastest that is installed.
 *
 * @returns Its name in words.
 */
export async function startBackend(name?: string): Promise<string> {
  const names = name ? [name] : Object.keys(BACKENDS);
  for (const candidate of names as Array<keyof typeof BACKENDS>) {
    try {
      await BACKENDS[candidate]();
    } catch (error) {
      if (name) {
        throw new Error(`The backend '${name}' is not installed. See npm run setup:tensorflow.`, {
          cause: error,
        });
      }
      continue;
    }
    if (await tf.setBackend(candidate.replace('-gpu', ''))) {
      await tf.ready();
      return candidate === 'wasm'
        ? 'wasm (for a faster one: npm run setup:tensorflow)'
        : `${candidate} (tfjs-node)`;
    }
  }
  throw new Error('No backend could be started.');
}

// The name in a variable: these packages are optional, and TypeScript would look for them.
async function importOptional(name: string): Promise<void> {
  await import(name);
}

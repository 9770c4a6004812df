import {backend, getBackend, ready, setBackend} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {restoreRemovedUtil} from '../files/node/removed_util';
import {quietCpu} from '../model/quiet_cpu';

/** Backend → the package that brings it, those that train fastest first. */
const PACKAGES = {
  'tensorflow-gpu': '@tensorflow/tfjs-node-gpu',
  tensorflow: '@tensorflow/tfjs-node',
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs-backend-cpu',
} as const;

/** The name of a backend that trains on Node. */
export type TrainingBackend = keyof typeof PACKAGES;

/** All of them. */
export const TRAINING_BACKENDS = Object.keys(PACKAGES) as TrainingBackend[];

/**
 * Starts what is quickest to start, of what is installed.
 *
 * @throws PruningError where nothing is.
 */
export async function startBackend(): Promise<void> {
  await startFirst('backend', ['wasm', 'cpu', 'tensorflow']);
}

/** Starts what is quickest to start, or with data to compute by, what computes fastest. */
export async function startBackendFor(options: {
  data?: string;
  backend?: TrainingBackend;
}): Promise<void> {
  await (options.data === undefined ? startBackend() : startTrainingBackend(options.backend));
}

/**
 * Starts the named backend, or the one that trains fastest of those installed.
 *
 * @returns Its name.
 * @throws PruningError where it is not installed, or none is.
 */
export async function startTrainingBackend(name?: TrainingBackend): Promise<TrainingBackend> {
  return startFirst('--backend', name === undefined ? TRAINING_BACKENDS : [name]);
}

/**
 * Starts the backend that another process computes on.
 *
 * @param name What tfjs calls it.
 * @param hasFasterKernels Whether `replaceSlowKernels` was called there.
 * @throws PruningError where it is not installed.
 */
export async function startSameBackend(name: string, hasFasterKernels: boolean): Promise<void> {
  const names = TRAINING_BACKENDS.filter((each) => tfjsName(each) === name);
  check(names.length > 0, 'executor', 'a backend that trains on Node', name);
  await startFirst('backend', names, hasFasterKernels);
}

function tfjsName(backend: TrainingBackend): string {
  return backend.replace('-gpu', '');
}

/** @param hasFasterKernels Of WebAssembly: kernels that take less time and copy less. */
async function startFirst(
  argument: string,
  names: readonly TrainingBackend[],
  hasFasterKernels = true,
): Promise<TrainingBackend> {
  // TensorFlow says on stderr what it was compiled for; warnings are still shown.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  restoreRemovedUtil();
  for (const name of names) {
    const isThere = await import(PACKAGES[name]).then(
      () => true,
      () => false,
    );
    if (isThere && (await setBackend(tfjsName(name)))) {
      await ready();
      quietCpu();
      if (name === 'wasm') {
        await mendWasm(hasFasterKernels);
      }
      return name;
    }
  }
  const packages = names.map((name) => PACKAGES[name]).join(', ');
  throw new PruningError(argument, `one of ${packages} to be installed`, 'none');
}

async function mendWasm(hasFasterKernels: boolean): Promise<void> {
  const {moveBeforeReading} = await import('../wasm/move_first');
  moveBeforeReading(backend());
  // The kernels that training needs are there once it is imported.
  const {replaceSlowKernels} = await import('../wasm');
  if (hasFasterKernels) {
    replaceSlowKernels();
  }
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
  quietCpu();
  try {
    return await load();
  } finally {
    await setBackend(inUse);
  }
}

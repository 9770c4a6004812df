import {getKernel, registerKernel, unregisterKernel} from '@tensorflow/tfjs-core';
import type {KernelConfig, KernelFunc} from '@tensorflow/tfjs-core';

/** Which replacements a registered kernel already consists of. */
const done = new WeakMap<KernelConfig, ReadonlySet<Replacement>>();

/** Makes a kernel of the backend's own, which does what the new one does not. */
export type Replacement = (own: KernelFunc) => KernelFunc;

/**
 * Replaces a kernel of the wasm backend, once: a second call does nothing while the
 * first still holds.
 *
 * @returns Whether it was replaced now; `undefined` where the backend has no such kernel.
 */
export function overrideKernel(name: string, replacement: Replacement): boolean | undefined {
  const own = getKernel(name, 'wasm');
  if (!own) {
    return undefined;
  }
  const before = done.get(own) ?? new Set();
  if (before.has(replacement)) {
    return false;
  }
  const config = {...own, kernelFunc: replacement(own.kernelFunc)};
  unregisterKernel(name, 'wasm');
  registerKernel(config);
  done.set(config, new Set([...before, replacement]));
  return true;
}

/** Whether a kernel of the wasm backend was replaced. */
export function isOverridden(name: string): boolean {
  const own = getKernel(name, 'wasm');
  return own !== undefined && done.has(own);
}

import * as tf from '@tensorflow/tfjs-core';

type Kernels = Map<string, tf.KernelConfig>;

/** The kernels of the wasm backend as they are registered now. */
export function kernelsNow(): Kernels {
  return new Map((tf.getKernelsForBackend('wasm') ?? []).map((each) => [each.kernelName, each]));
}

/** Registers `kernels` instead of those that are there. */
export function use(kernels: Kernels): void {
  const now = kernelsNow();
  for (const [name, kernel] of kernels) {
    if (now.get(name) !== kernel) {
      tf.unregisterKernel(name, 'wasm');
      tf.registerKernel(kernel);
    }
  }
}

import {getKernel, registerKernel, unregisterKernel} from '@tensorflow/tfjs-core';
import type {KernelConfig, KernelFunc} from '@tensorflow/tfjs-core';

import {PruningError} from '../base/errors';
import {BATCH_MAT_MUL, batchMatMul} from './batch_mat_mul';
import {conv2DBackpropFilterConfig} from './conv2d_backprop_filter';
import {CONV2D_BACKPROP_INPUT, conv2DBackpropInput} from './conv2d_backprop_input';
import {depthwiseConv2dNativeBackpropFilterConfig} from './depthwise_conv2d_native_backprop_filter';
import {depthwiseConv2dNativeBackpropInputConfig} from './depthwise_conv2d_native_backprop_input';
import {replaceWrongKernels} from './right_kernels';
import {unsortedSegmentSumConfig} from './unsorted_segment_sum';

export {sparsify, type Sparsified, type SparsifiedWeight, type SparsifyArgs} from './sparsify';
export type {GraphModelLike} from './sparse/graph_weights';

const trainingKernels: KernelConfig[] = [
  conv2DBackpropFilterConfig,
  depthwiseConv2dNativeBackpropFilterConfig,
  depthwiseConv2dNativeBackpropInputConfig,
  unsortedSegmentSumConfig,
];

/**
 * Registers the kernels that the wasm backend lacks for the training of
 * convolutions (full, transposed, depthwise, separable) and of embeddings, and
 * replaces those of its own that give wrong results: the gradients of 3D
 * convolutions, with them what `conv3dTranspose` predicts, 3D max pooling, and the
 * gradients of pooling. Any other kernel that is there stays as it is. Importing this
 * module calls it.
 *
 * @returns The names of the kernels that were registered or replaced.
 *
 * @example
 * import '@tensorflow/tfjs-backend-wasm';
 * import 'tfjs-prune/wasm';
 *
 * await tf.setBackend('wasm');
 * await model.fit(x, y);
 */
export function registerTrainingKernels(): string[] {
  const missing = trainingKernels.filter(
    ({kernelName, backendName}) => getKernel(kernelName, backendName) == null,
  );
  for (const kernel of missing) {
    registerKernel(kernel);
  }
  return [...missing.map(({kernelName}) => kernelName), ...replaceWrongKernels()];
}

const replacements: ReadonlyArray<[string, (own: KernelFunc) => KernelFunc]> = [
  [BATCH_MAT_MUL, batchMatMul],
  [CONV2D_BACKPROP_INPUT, conv2DBackpropInput],
];
const replaced = new WeakSet<KernelConfig>();

/**
 * Replaces two kernels of the wasm backend in which training spends most of its
 * time by faster ones of the same results: products of transposed matrices, and
 * the gradient of a convolution by its input. Not done by the import, since
 * the backend's own kernels work.
 *
 * @returns The names of the kernels that were replaced; none the second time.
 * @throws PruningError where the backend's package was not imported before.
 *
 * @example
 * import '@tensorflow/tfjs-backend-wasm';
 * import {replaceSlowKernels} from 'tfjs-prune/wasm';
 *
 * replaceSlowKernels(); //=> ['BatchMatMul', 'Conv2DBackpropInput']
 */
export function replaceSlowKernels(): string[] {
  const due = replacements.map(([name, replacement]) => {
    const own = getKernel(name, 'wasm');
    if (!own) {
      throw new PruningError(
        'wasm',
        "'@tensorflow/tfjs-backend-wasm' to be imported",
        'no kernels',
      );
    }
    return {own, kernelFunc: replacement(own.kernelFunc)};
  });
  return due
    .filter(({own}) => !replaced.has(own))
    .map(({own, kernelFunc}) => {
      const config = {...own, kernelFunc};
      unregisterKernel(own.kernelName, 'wasm');
      registerKernel(config);
      replaced.add(config);
      return own.kernelName;
    });
}

registerTrainingKernels();
// Once more when all modules are there: the backend's may come after this one.
void Promise.resolve().then(replaceWrongKernels);

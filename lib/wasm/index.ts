import {Conv2DBackpropFilter, getKernel, registerKernel} from '@tensorflow/tfjs-core';
import type {KernelConfig} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {overrideKernel, type Replacement} from '../kernels/override_kernel';
import {BATCH_MAT_MUL, batchMatMul} from './batch_mat_mul';
import {conv2DBackpropFilterConfig} from './conv2d_backprop_filter';
import {CONV2D_BACKPROP_INPUT, conv2DBackpropInput} from './conv2d_backprop_input';
import {depthwiseConv2dNativeBackpropFilterConfig} from './depthwise_conv2d_native_backprop_filter';
import {depthwiseConv2dNativeBackpropInputConfig} from './depthwise_conv2d_native_backprop_input';
import {FASTER_KERNELS} from './faster/faster_kernels';
import {packedFilterGradient, packedInputGradient} from './packed/conv2d_gradients';
import {packedMatMul} from './packed/mat_mul';
import {replaceWrongKernels} from './right_kernels';
import {unsortedSegmentSumConfig} from './unsorted_segment_sum';

export {sparsify, type Sparsified, type SparsifiedWeight, type SparsifyArgs} from './sparsify';
export type {GraphInput, GraphModelLike} from '../model/graph_model';

const trainingKernels: KernelConfig[] = [
  conv2DBackpropFilterConfig,
  depthwiseConv2dNativeBackpropFilterConfig,
  depthwiseConv2dNativeBackpropInputConfig,
  unsortedSegmentSumConfig,
];

/**
 * Registers the kernels that the wasm backend lacks for training convolutions (full,
 * transposed, depthwise, separable) and embeddings. It also replaces kernels of the
 * backend that give wrong results:
 *
 * - the gradients of 3D convolutions and of pooling, `conv3dTranspose`, and 3D max pooling;
 * - `gather` with batches;
 * - `oneHot`, `cast`, `where`, `stridedSlice`, `clipByValue`, `reverse`, `isNaN`,
 *   `isFinite`, `isInf`, `prelu` and `resizeNearestNeighbor` of some types.
 *
 * All other kernels stay unchanged. Importing this module calls this function.
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

/** Kernels of the backend in which training spends most of its time. */
const SLOW_KERNELS: ReadonlyArray<readonly [string, Replacement]> = [
  [BATCH_MAT_MUL, (own) => packedMatMul(batchMatMul(own))],
  [CONV2D_BACKPROP_INPUT, (own) => packedInputGradient(conv2DBackpropInput(own))],
];

/**
 * Replaces the kernels of the wasm backend that take most of the time in training. These
 * are matrix products, the gradients of a convolution, batch normalization, depthwise
 * convolutions, sums, and some that add or copy elements. Importing this module does not
 * call it, because the backend's own kernels work.
 *
 * @returns The names of the backend's kernels whose results may now differ in the last
 *   digits; none the second time. The others give the same results as before.
 * @throws PruningError where the backend's package was not imported before.
 *
 * @example
 * import '@tensorflow/tfjs-backend-wasm';
 * import {replaceSlowKernels} from 'tfjs-prune/wasm';
 *
 * replaceSlowKernels(); //=> ['BatchMatMul', 'Conv2DBackpropInput']
 */
export function replaceSlowKernels(): string[] {
  const isMissing = SLOW_KERNELS.some(([name]) => getKernel(name, 'wasm') == null);
  check(!isMissing, 'wasm', "'@tensorflow/tfjs-backend-wasm' to be imported", 'no kernels');
  overrideKernel(Conv2DBackpropFilter, packedFilterGradient);
  FASTER_KERNELS.forEach(([name, kernel]) => overrideKernel(name, kernel));
  return SLOW_KERNELS.filter(([name, kernel]) => overrideKernel(name, kernel)).map(
    ([name]) => name,
  );
}

registerTrainingKernels();
// Once more when all modules are there: the backend's may come after this one.
void Promise.resolve().then(replaceWrongKernels);

import {getKernel, registerKernel} from '@tensorflow/tfjs-core';
import type {KernelConfig} from '@tensorflow/tfjs-core';
import {conv2DBackpropFilterConfig} from './conv2d_backprop_filter';
import {depthwiseConv2dNativeBackpropFilterConfig} from './depthwise_conv2d_native_backprop_filter';
import {depthwiseConv2dNativeBackpropInputConfig} from './depthwise_conv2d_native_backprop_input';
import {unsortedSegmentSumConfig} from './unsorted_segment_sum';

const trainingKernels: KernelConfig[] = [
  conv2DBackpropFilterConfig,
  depthwiseConv2dNativeBackpropFilterConfig,
  depthwiseConv2dNativeBackpropInputConfig,
  unsortedSegmentSumConfig,
];

/**
 * Registers the kernels that the wasm backend lacks for the training of
 * convolutions (full, transposed, depthwise, separable) and of embeddings. A
 * kernel that is already there stays as it is. Importing this module calls it.
 *
 * @returns The names of the kernels that were registered.
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
  return missing.map(({kernelName}) => kernelName);
}

registerTrainingKernels();

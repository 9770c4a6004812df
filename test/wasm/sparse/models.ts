import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {sparseValues} from '../../kernels/sparse/on_wasm';

/** Sets the kernel of each layer to numbers of which blocks are zero. */
export function sparseKernels<T extends tfl.LayersModel>(model: T, sparsity = 0.9, block = 1): T {
  model.weights.forEach((kernel, i) => {
    if (kernel.shape.length > 1) {
      const shape = kernel.shape as number[];
      const outputs = shape[shape.length - 1];
      const inputs = tf.util.sizeFromShape(shape) / outputs;
      const value = tf.tensor(sparseValues(inputs, outputs, sparsity, block, i + 1), shape);
      kernel.write(value);
      value.dispose();
    }
  });
  return model;
}

/** A model of two dense layers. */
export function denseModel(sparsity = 0.9, block = 1): tfl.Sequential {
  const layers = [
    tfl.layers.dense({units: 64, inputShape: [96], activation: 'relu', name: 'first'}),
    tfl.layers.dense({units: 32, activation: 'sigmoid', name: 'second'}),
  ];
  return sparseKernels(tfl.sequential({layers}), sparsity, block);
}

/** A model with a layer of each kind that has a sparse kernel, and one that has none. */
export function convolutionModel(sparsity = 0.9): tfl.Sequential {
  const layers = [
    tfl.layers.conv2d({filters: 16, kernelSize: 3, inputShape: [12, 12, 16], activation: 'relu6'}),
    tfl.layers.conv2d({filters: 32, kernelSize: 1, activation: 'elu'}),
    tfl.layers.conv2d({filters: 32, kernelSize: 3, strides: 2, padding: 'same'}),
    tfl.layers.conv2dTranspose({filters: 16, kernelSize: 3}),
    tfl.layers.reshape({targetShape: [49, 16]}),
    tfl.layers.dense({units: 16, activation: 'relu'}), // In time.
    tfl.layers.conv1d({filters: 16, kernelSize: 3, strides: 2, activation: 'tanh'}),
    tfl.layers.lstm({units: 24, recurrentInitializer: 'zeros'}),
    tfl.layers.dense({units: 24}),
  ];
  return sparseKernels(tfl.sequential({layers}), sparsity);
}

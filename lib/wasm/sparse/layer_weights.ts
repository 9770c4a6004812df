import type {Tensor} from '@tensorflow/tfjs-core';
import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import type {LayerFilter} from '../../model/layer_selection';
import {weight} from '../../model/layer_weights';
import {prunableWeights} from '../../model/prunable';
import {readWeight} from '../../model/read_weight';

/** Layer class → its weights that reach a product or a convolution of tfjs as they are. */
const SPARSE: Readonly<Record<string, readonly string[]>> = {
  Dense: ['kernel'],
  Conv1D: ['kernel'],
  Conv2D: ['kernel'],
  SeparableConv2D: ['pointwiseKernel'],
  SimpleRNNCell: ['kernel', 'recurrentKernel'],
  LSTMCell: ['kernel', 'recurrentKernel'],
  // It splits its recurrent kernel at every step.
  GRUCell: ['kernel'],
};

/** A weight of a model, and why it cannot be sparse, where it cannot. */
export interface ModelWeight {
  readonly name: string;
  readonly tensor: Tensor;
  readonly reason?: string;
}

/** The weights of `model` that are pruned, those of `selection` alone if it is given. */
export function layerWeights(model: LayersModel, selection?: LayerFilter): ModelWeight[] {
  return prunableWeights(model, selection).map(({name, maker, variable}) => ({
    name,
    tensor: readWeight(variable),
    reason: isSparse(maker, variable)
      ? undefined
      : `no sparse kernel for this weight of a ${maker.getClassName()}`,
  }));
}

function isSparse(maker: layers.Layer, variable: LayerVariable): boolean {
  const properties = SPARSE[maker.getClassName()] ?? [];
  return properties.some((property) => weight(maker, property) === variable);
}

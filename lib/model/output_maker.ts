import type {layers, SymbolicTensor} from '@tensorflow/tfjs-layers';
import {LayersModel} from '@tensorflow/tfjs-layers';

import {wrappedLayer} from './layer_parts';
import {activationOf} from './layer_settings';

type Layer = layers.Layer;

/** The layer that makes an output, inside models and wrappers. */
export function outputMaker(output: SymbolicTensor): Layer {
  const {sourceLayer} = output;
  if (sourceLayer instanceof LayersModel) {
    const {outputTensorIndex = 0} = output;
    return outputMaker(sourceLayer.outputs[outputTensorIndex]);
  }
  return sourceLayer.getClassName() === 'TimeDistributed' ? wrappedLayer(sourceLayer) : sourceLayer;
}

/** The class of a layer's activation; `undefined` for a layer that has none, as a `Reshape`. */
export function activationName(layer: Layer): string | undefined {
  const isWithout = !Reflect.has(layer, 'activation');
  return activationOf(layer)?.getClassName() ?? (isWithout ? undefined : 'linear');
}

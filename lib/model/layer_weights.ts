import type {layers, LayerVariable} from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;

/** A weight of a layer by its field, such as `'kernel'`; `null` or `undefined` where it has none. */
export function weight(layer: Layer, name: string): LayerVariable | null | undefined {
  return Reflect.get(layer, name) as LayerVariable | null | undefined;
}

/** The weights that a layer trains, then those that it measures, such as moving means. */
export function ownWeights(layer: Layer): LayerVariable[] {
  const own = [...trainedByLayer(layer), ...statisticsOf(layer)];
  return own.length === layer.weights.length ? own : layer.weights;
}

/** The weights of a layer that are measured and not trained, as a moving mean is. */
export function statisticsOf(layer: Layer): readonly LayerVariable[] {
  return Reflect.get(layer, '_nonTrainableWeights') as LayerVariable[];
}

function trainedByLayer(layer: Layer): readonly LayerVariable[] {
  return Reflect.get(layer, '_trainableWeights') as LayerVariable[];
}

import type {layers} from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;

/** What a recurrent layer does at each step; `undefined` for any other layer. */
export function cellOf(layer: Layer): Layer | undefined {
  return part(layer, 'cell');
}

/** The layer inside a wrapper such as `TimeDistributed`. */
export function wrappedLayer(layer: Layer): Layer {
  return part(layer, 'layer') as Layer;
}

/** The two layers inside a `Bidirectional`: forward and backward. */
export function directionsOf(layer: Layer): [Layer, Layer] {
  return [part(layer, 'forwardLayer') as Layer, part(layer, 'backwardLayer') as Layer];
}

function part(layer: Layer, name: string): Layer | undefined {
  return Reflect.get(layer, name) as Layer | undefined;
}

import {layers} from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;

/** What a layer is to the models around it; all else makes it the layer that it is. */
const KEPT: ReadonlySet<PropertyKey> = new Set([
  'id',
  'name',
  'inboundNodes',
  'outboundNodes',
  'batchInputShape',
  'dtype',
  'trainable_',
  '_built',
  '_refCount',
  '_callHook',
]);

/**
 * Turns `layer` into the linear activation of tfjs-layers, which passes on what
 * it gets: the very object, so that all models with it run, train and are saved
 * without the layer's work and weights.
 *
 * @param layer A built layer of one input, whose output has the input's shape.
 * @returns A function that makes it what it was, bit for bit.
 */
export function becomeIdentity(layer: Layer): () => void {
  const prototype = Object.getPrototypeOf(layer) as object;
  const own = Object.getOwnPropertyDescriptors(layer);
  const identity = layers.activation({activation: 'linear', name: layer.name});
  replace(layer, Object.getPrototypeOf(identity) as object, {
    ...Object.getOwnPropertyDescriptors(identity),
    ...Object.fromEntries(Object.entries(own).filter(([key]) => KEPT.has(key))),
  });
  return () => replace(layer, prototype, own);
}

function replace(layer: Layer, prototype: object, properties: PropertyDescriptorMap): void {
  Reflect.ownKeys(layer).forEach((key) => Reflect.deleteProperty(layer, key));
  Object.setPrototypeOf(layer, prototype);
  Object.defineProperties(layer, properties);
}

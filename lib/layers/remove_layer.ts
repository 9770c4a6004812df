import {layers, type LayersModel, type LayerVariable} from '@tensorflow/tfjs-layers';

import {namedLayers, weightsOf} from '../model/layer_tree';
import {dropMask} from '../projection/mask';
import {startTraining} from '../projection/optimizer_slots';
import {endRounding} from '../projection/rounding/rounding';

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

interface Removed {
  /** The weights that the layer had. Callbacks that know them may still touch them. */
  readonly weights: readonly LayerVariable[];
  readonly putBack: () => void;
}

const removed = new WeakMap<Layer, Removed>();

/**
 * Turns `layer` into the linear activation of tfjs-layers, which passes on what
 * it gets: the very object, so that all models with it run, train and are saved
 * without the layer's work and weights.
 *
 * @param layer A built layer of one input, whose output has the input's shape.
 * @returns A function that makes it what it was, bit for bit.
 */
export function becomeIdentity(layer: Layer): () => void {
  const weights = weightsOf(layer);
  const prototype = Object.getPrototypeOf(layer) as object;
  const own = Object.getOwnPropertyDescriptors(layer);
  const identity = layers.activation({activation: 'linear', name: layer.name});
  replace(layer, Object.getPrototypeOf(identity) as object, {
    ...Object.getOwnPropertyDescriptors(identity),
    ...Object.fromEntries(Object.entries(own).filter(([key]) => KEPT.has(key))),
  });
  const putBack = () => {
    replace(layer, prototype, own);
    removed.delete(layer);
  };
  removed.set(layer, {weights, putBack});
  return putBack;
}

/** The layers of `model` that became identities, and can be put back. */
export function removedLayers(model: LayersModel): Layer[] {
  return namedLayers(model)
    .map(({layer}) => layer)
    .filter((layer) => removed.has(layer));
}

/** Makes what became identities in `model`, but for `kept`, the layers that they were, bit for bit. */
export function putBackLayers(model: LayersModel, kept: readonly Layer[]): void {
  const gone = removedLayers(model).filter((layer) => !kept.includes(layer));
  if (gone.length > 0) {
    gone.forEach((layer) => removed.get(layer)?.putBack());
    startTraining(model);
  }
}

/** Frees the weights of the layers of `model` that became identities: they stay so. */
export function forgetRemovedLayers(model: LayersModel): void {
  for (const layer of removedLayers(model)) {
    for (const variable of removed.get(layer)?.weights ?? []) {
      endRounding(variable);
      dropMask(variable);
      variable.dispose();
    }
    removed.delete(layer);
  }
}

function replace(layer: Layer, prototype: object, properties: PropertyDescriptorMap): void {
  Reflect.ownKeys(layer).forEach((key) => Reflect.deleteProperty(layer, key));
  Object.setPrototypeOf(layer, prototype);
  Object.defineProperties(layer, properties);
}

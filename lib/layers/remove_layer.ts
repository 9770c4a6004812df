import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {becomeIdentity} from '../model/become_identity';
import {namedLayers, weightsOf} from '../model/layer_tree';
import {startTraining} from '../model/optimizer_slots';
import {dropMask} from '../projection/mask';
import {endRounding} from '../projection/rounding/rounding';

type Layer = layers.Layer;

interface Removed {
  /** The weights that the layer had. Callbacks that know them may still touch them. */
  readonly weights: readonly LayerVariable[];
  readonly putBack: () => void;
}

const removed = new WeakMap<Layer, Removed>();

/**
 * Makes an identity of `layer`, see `becomeIdentity`, and remembers what it was.
 *
 * @returns A function that makes it what it was, bit for bit.
 */
export function removeLayer(layer: Layer): () => void {
  const weights = weightsOf(layer);
  const undo = becomeIdentity(layer);
  const putBack = () => {
    undo();
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

import {clone, dispose, keep, type Tensor} from '@tensorflow/tfjs-core';
import type {layers, LayersModel} from '@tensorflow/tfjs-layers';

import type {Batch} from '../data/batches';
import {outputsOf} from '../data/calibration_loss';
import {watchInputs} from '../model/watch_inputs';

type Layer = layers.Layer;

/** Thrown to end a run of a model whose outputs nobody needs. */
const ENOUGH = new Error('All calls were seen.');

/**
 * The layers of `watched` that `model` calls for a batch, in the order of their
 * first calls, each with its number of calls.
 */
export function callsOf(
  model: LayersModel,
  watched: Iterable<Layer>,
  batch: Batch,
): Map<Layer, number> {
  const calls = new Map<Layer, number>();
  watchInputs(
    watched,
    (layer) => calls.set(layer, (calls.get(layer) ?? 0) + 1),
    () => dispose(outputsOf(model, batch)),
  );
  return calls;
}

/**
 * What `layer` is called with for a batch, in each of its `calls`: tensors that
 * the caller owns. What comes after the last call is not computed.
 */
export function inputsOf(model: LayersModel, layer: Layer, batch: Batch, calls: number): Tensor[] {
  const seen: Tensor[] = [];
  try {
    watchInputs(
      [layer],
      (_, [input]) => {
        seen.push(keep(clone(input)));
        if (seen.length === calls) {
          throw ENOUGH;
        }
      },
      () => dispose(outputsOf(model, batch)),
    );
  } catch (error) {
    if (error !== ENOUGH) {
      dispose(seen);
      throw error;
    }
  }
  return seen;
}

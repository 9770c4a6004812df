import type {DataId, Tensor} from '@tensorflow/tfjs-core';
import {cast, keep, mul, notEqual, onesLike, tidy, where, zerosLike} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {toFloat32} from '../base/float32';
import {readWeight} from '../model/read_weight';
import {DenseCopy} from './dense_copy';

interface Entry {
  /** float32 of the weight's shape, 1 for kept and 0 for pruned. */
  mask: Tensor;
  /** The weight's data that the mask was last applied to: same data, nothing to do. */
  applied: DataId | null;
  /** What pruned weights would be, where they may come back. */
  copy: DenseCopy | null;
}

/**
 * The masks of all models. Keyed by variable, since a `Sequential` shows
 * callbacks an inner model of the same variables.
 */
const entries = new WeakMap<LayerVariable, Entry>();

/** The mask of `variable`, owned by this registry, or `undefined`. */
export function maskOf(variable: LayerVariable): Tensor | undefined {
  return entries.get(variable)?.mask;
}

/**
 * Gives `variable` a mask in place of any that it has, owned by this registry,
 * and applies it. With a dense copy, what the new mask keeps comes back from it.
 */
export function setMask(variable: LayerVariable, mask: Tensor): void {
  const former = entries.get(variable);
  entries.set(variable, {mask: keep(mask), applied: null, copy: former?.copy ?? null});
  former?.mask.dispose();
  applyMask(variable);
}

/**
 * From now on a dense copy follows `variable` at pruned places too, until its
 * mask ends. Nothing changes where one does already.
 */
export function keepDense(variable: LayerVariable): void {
  if (!entries.has(variable)) {
    setMask(
      variable,
      tidy(() => onesLike(readWeight(variable))),
    );
  }
  const entry = entries.get(variable)!;
  entry.copy ??= new DenseCopy(readWeight(variable));
}

/** The weight, with what its dense copy has in place of zeros if there is one: then a new tensor. */
export function denseOf(variable: LayerVariable): Tensor {
  const weight = readWeight(variable);
  return entries.get(variable)?.copy?.dense(weight) ?? weight;
}

/** Gives `variable` the mask of its non-zero elements. */
export function maskFromZeros(variable: LayerVariable): void {
  setMask(
    variable,
    tidy(() => toFloat32(notEqual(readWeight(variable), 0))),
  );
}

/** Sets the masked elements of `variable` to zero, if it has changed since the last time. */
export function applyMask(variable: LayerVariable): void {
  const entry = entries.get(variable);
  const weight = entry && readWeight(variable);
  if (entry && weight && entry.applied !== weight.dataId) {
    if (entry.copy) {
      entry.copy.project(weight, (dense) => mul(dense, entry.mask));
    } else {
      tidy(() => weight.assign(mul(weight, entry.mask)));
    }
    entry.applied = weight.dataId;
  }
}

/**
 * Ends the mask of `variable`: its elements become zeros for good, or what
 * `filling` has in their place. A select and not a product, since −1·0 is −0,
 * whose bits are not zero and do not compress.
 */
export function finaliseMask(variable: LayerVariable, filling?: Tensor): void {
  const entry = entries.get(variable);
  if (entry) {
    entries.delete(variable);
    try {
      tidy(() => {
        const weight = readWeight(variable);
        weight.assign(where(cast(entry.mask, 'bool'), weight, filling ?? zerosLike(weight)));
      });
    } finally {
      entry.mask.dispose();
      entry.copy?.dispose();
    }
  }
}

/** Ends the mask of a `variable` that is not used any more, and leaves the weight alone. */
export function dropMask(variable: LayerVariable): void {
  entries.get(variable)?.mask.dispose();
  entries.delete(variable);
}

/** The variables of `model` that have a mask, nested models' included. */
export function maskedVariables(model: LayersModel): LayerVariable[] {
  return [...new Set(model.weights)].filter((variable) => entries.has(variable));
}

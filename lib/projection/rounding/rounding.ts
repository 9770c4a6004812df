import type {DataId, Tensor, Variable} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {readWeight} from '../../model/read_weight';
import {applyMask, maskOf} from '../mask';

/** Makes a weight one of few values after each step, and remembers what it needs for that. */
export interface Rounding {
  /** Takes up how the weight has changed, and rounds it. Masked elements are and stay zero. */
  project(weight: Variable, mask: Tensor | null): void;
  dispose(): void;
}

interface Entry {
  readonly rounding: Rounding;
  /** The weight's data that was last rounded: same data, nothing to do. */
  applied: DataId | null;
}

/** The roundings of all models, which go on until `stripPruning`. */
const entries = new WeakMap<LayerVariable, Entry>();

/** The rounding of `variable`, owned by this registry, or `undefined`. */
export function roundingOf(variable: LayerVariable): Rounding | undefined {
  return entries.get(variable)?.rounding;
}

/** Gives `variable` a rounding in place of any that it has, owned by this registry, and applies it. */
export function setRounding(variable: LayerVariable, rounding: Rounding): void {
  endRounding(variable);
  entries.set(variable, {rounding, applied: null});
  applyRounding(variable);
}

/** Rounds `variable`, masked first, if it has changed since the last time. */
export function applyRounding(variable: LayerVariable): void {
  // A dense copy behind the mask takes up the step before it is rounded.
  applyMask(variable);
  const entry = entries.get(variable);
  const weight = entry && readWeight(variable);
  if (entry && weight && entry.applied !== weight.dataId) {
    entry.rounding.project(weight, maskOf(variable) ?? null);
    entry.applied = weight.dataId;
  }
}

/** Ends the rounding of `variable`: it keeps the values that it has. */
export function endRounding(variable: LayerVariable): void {
  entries.get(variable)?.rounding.dispose();
  entries.delete(variable);
}

/** The variables of `model` that have a rounding, nested models' included. */
export function roundedVariables(model: LayersModel): LayerVariable[] {
  return [...new Set(model.weights)].filter((variable) => entries.has(variable));
}

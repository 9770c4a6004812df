import type {Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {
  hold,
  projectionOf,
  release,
  variablesWith,
  writeUnprojected,
  type Projection,
} from '../registry';

/** Makes a weight one of few values. Masked elements are and stay zero. */
export interface Rounding extends Projection {
  /** Who made it, and goes on with it or a clone in a second fit. */
  readonly maker: object;
  /** Values written in place of those that it was made for, where it does not fit these; else `null`. */
  readonly unfitting: Tensor | null;
  clone(): Rounding;
}

/** The rounding of `variable`, owned by its projection, or `undefined`. */
export function roundingOf(variable: LayerVariable): Rounding | undefined {
  return projectionOf(variable, 'rounding') as Rounding | undefined;
}

/** Gives `variable` a rounding in place of any that it has, and applies it after the mask. */
export function setRounding(variable: LayerVariable, rounding: Rounding): void {
  const written = roundingOf(variable)?.unfitting;
  if (written) {
    writeUnprojected(variable, written);
  }
  hold(variable, 'rounding', rounding);
}

/** Ends the rounding of `variable`: it keeps the values that it has. */
export function endRounding(variable: LayerVariable): void {
  release(variable, 'rounding');
}

/** The variables of `model` that have a rounding, nested models' included. */
export function roundedVariables(model: LayersModel): LayerVariable[] {
  return variablesWith(model, 'rounding');
}

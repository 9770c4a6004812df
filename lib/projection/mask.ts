import type {Tensor} from '@tensorflow/tfjs-core';
import {clone, keep, max, maximum, mul, notEqual, onesLike, sub, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {toFloat32} from '../base/float32';
import {readWeight} from '../model/read_weight';
import {
  hold,
  projectionOf,
  release,
  reproject,
  variablesWith,
  type Change,
  type Projection,
} from './registry';

/** Keeps pruned elements of a weight at zero. */
export class MaskProjection implements Projection {
  /** @param mask float32 of the weight's shape, 1 for kept and 0 for pruned; owned by this. */
  constructor(public mask: Tensor) {}

  project(_variable: LayerVariable, written: Tensor, _change: Change): Tensor {
    return mul(written, this.mask);
  }

  /** The weight, with what pruned elements would be if that is known: then a new tensor. */
  dense(weight: Tensor): Tensor {
    return weight;
  }

  clone(): MaskProjection {
    return new MaskProjection(keep(clone(this.mask)));
  }

  dispose(): void {
    this.mask.dispose();
  }
}

/** What holds the mask of `variable`, or `undefined`. */
export function maskProjectionOf(variable: LayerVariable): MaskProjection | undefined {
  return projectionOf(variable, 'mask') as MaskProjection | undefined;
}

/** The mask of `variable`, owned by its projection, or `undefined`. */
export function maskOf(variable: LayerVariable): Tensor | undefined {
  return maskProjectionOf(variable)?.mask;
}

/**
 * Gives `variable` a mask in place of any that it has, and applies it. The
 * projection owns it from then on. With a dense copy, what the new mask keeps
 * comes back from it.
 */
export function setMask(variable: LayerVariable, mask: Tensor): void {
  const projection = maskProjectionOf(variable);
  if (!projection) {
    hold(variable, 'mask', new MaskProjection(keep(mask)));
    return;
  }
  const former = projection.mask;
  projection.mask = keep(mask);
  if (former !== mask) {
    former.dispose();
  }
  reproject(variable);
}

/** The weight, with what its dense copy has in place of zeros if there is one: then a new tensor. */
export function denseOf(variable: LayerVariable): Tensor {
  const weight = readWeight(variable);
  return maskProjectionOf(variable)?.dense(weight) ?? weight;
}

/**
 * Masks the zeros of `variable`, in addition to what is masked already. A weight
 * whose kept elements are all zero was not pruned to that, but starts so: it
 * keeps the mask that it has, or gets one that keeps all.
 */
export function maskZeros(variable: LayerVariable): void {
  const mask = tidy(() => {
    const weight = readWeight(variable);
    const nonZero = toFloat32(notEqual(weight, 0));
    const isZero = sub(1, max(nonZero));
    return mul(maskOf(variable) ?? onesLike(weight), maximum(nonZero, isZero));
  });
  setMask(variable, mask);
}

/** Ends the mask of `variable` and leaves the weight alone. */
export function dropMask(variable: LayerVariable): void {
  release(variable, 'mask');
}

/** The variables of `model` that have a mask, nested models' included. */
export function maskedVariables(model: LayersModel): LayerVariable[] {
  return variablesWith(model, 'mask');
}

import type {Tensor} from '@tensorflow/tfjs-core';
import {cast, max, notEqual, sub, tidy, where, zerosLike} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {toFloat32} from '../base/float32';
import {readWeight} from '../model/read_weight';
import {maskOf} from './mask';

/** The weight as its mask leaves it. The variable itself is not written. */
export function effectiveWeight(variable: LayerVariable): Tensor {
  const weight = readWeight(variable);
  const mask = maskOf(variable);
  return mask ? where(cast(mask, 'bool'), weight, zerosLike(weight)) : weight;
}

/** The values of a weight that may be missing, as its mask leaves them. */
export function valuesOf(variable: LayerVariable | null | undefined): Tensor | undefined {
  return variable == null ? undefined : effectiveWeight(variable);
}

/** 1 for each position along `axis` where all of the weight is zero, else 0. */
export function zeroSlices(variable: LayerVariable, axis: number): Tensor {
  return tidy(() => {
    const nonZero = toFloat32(notEqual(effectiveWeight(variable), 0));
    const others = nonZero.shape.map((_, i) => i).filter((i) => i !== axis);
    return sub(1, others.length > 0 ? max(nonZero, others) : nonZero);
  });
}

import {io} from '@tensorflow/tfjs-core';

import type {StoredWeight} from '../io/stored_weights';

/** Whether the values of a weight are numbers that can be zero. */
export function isNumeric({spec}: StoredWeight): boolean {
  return spec.dtype === 'float32' || spec.dtype === 'int32' || spec.dtype === 'bool';
}

/** The values of a numeric weight, what was quantized as floats again. */
export async function valuesOf({spec, bytes}: StoredWeight): Promise<ArrayLike<number>> {
  const {[spec.name]: tensor} = io.decodeWeights(bytes.slice().buffer, [spec]);
  try {
    return await tensor.data();
  } finally {
    tensor.dispose();
  }
}

import {io} from '@tensorflow/tfjs-core';

import {weightChunks} from '../artifacts/weight_chunks';
import {storedWeights, type StoredWeight} from '../io/stored_weights';
import type {StoredModel} from './model_file';

/** The weights of a stored model, one at a time, as they are in the file. */
export function weightsIn({path, artifacts}: StoredModel): Iterable<StoredWeight> {
  const {weightSpecs = [], weightData} = artifacts;
  return storedWeights(path, weightSpecs, weightChunks(path, weightData), () => undefined);
}

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

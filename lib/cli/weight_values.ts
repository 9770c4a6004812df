import {io, type NamedTensorMap} from '@tensorflow/tfjs-core';

import type {StoredWeight} from '../files/quantize/stored_weights';

/** Whether the values of a weight are numbers that can be zero. */
export function isNumeric({spec}: StoredWeight): boolean {
  return spec.dtype === 'float32' || spec.dtype === 'int32' || spec.dtype === 'bool';
}

/** The values of a numeric weight, what was quantized as floats again. */
export async function valuesOf(weight: StoredWeight): Promise<ArrayLike<number>> {
  const {[weight.spec.name]: tensor} = tensorOf(weight);
  try {
    return await tensor.data();
  } finally {
    tensor.dispose();
  }
}

/** The tensor of a weight under its name, what was quantized as floats again. */
export function tensorOf({spec, bytes}: StoredWeight): NamedTensorMap {
  const {buffer, byteOffset, byteLength} = bytes;
  const isWhole = byteLength === buffer.byteLength;
  return io.decodeWeights(
    (isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer,
    [spec],
  );
}

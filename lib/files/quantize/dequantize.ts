import {io, type NamedTensorMap} from '@tensorflow/tfjs-core';

import {asWords} from '../artifacts/weight_chunks';
import type {StoredWeight} from './stored_weight';

/** The tensor of a weight under its name; what was quantized is floats or integers again. */
export function tensorOf({spec, bytes}: StoredWeight): NamedTensorMap {
  const {buffer, byteOffset, byteLength} = bytes;
  const isWhole = byteLength === buffer.byteLength;
  return io.decodeWeights(
    (isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer,
    [spec],
  );
}

/**
 * The values of a numeric weight, in place where they can be; what was quantized is floats or
 * integers again.
 */
export async function valuesOf(weight: StoredWeight): Promise<ArrayLike<number>> {
  const {dtype, quantization} = weight.spec;
  if (quantization == null && dtype === 'float32') {
    return asWords(weight.bytes, Float32Array);
  }
  const {[weight.spec.name]: tensor} = tensorOf(weight);
  try {
    return await tensor.data();
  } finally {
    tensor.dispose();
  }
}

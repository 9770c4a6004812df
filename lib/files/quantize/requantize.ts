import type {io} from '@tensorflow/tfjs-core';

import {type StoredWeight} from './stored_weight';
import {bytesOf, quantized} from './stored_weights';

/** How tfjs's manifest describes a quantization. */
export type WeightQuantization = NonNullable<io.WeightsManifestEntry['quantization']>;

/**
 * `weight`, of floats, quantized as it was before its values changed: on the grid that it had,
 * so that values which did not change come out as they went in, or on a new one of as many
 * steps where that has no zero, or the values are not on it. Zeros become exactly zero.
 *
 * @throws PruningError where a value can't be quantized.
 */
export function requantized(
  {spec, bytes}: StoredWeight,
  quantization: WeightQuantization,
): StoredWeight {
  const {dtype, scale = 0, min = 0} = quantization;
  if (dtype === 'float16') {
    return quantized(spec, bytes, 'float16');
  }
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const integers = new (dtype === 'uint8' ? Uint8Array : Uint16Array)(values.length);
  const levels = dtype === 'uint8' ? 255 : 65535;
  const zeroPoint = Math.round(-min / scale);
  const hasZero = scale > 0 && Math.abs(zeroPoint * scale + min) <= ALMOST * scale;
  for (let i = 0; i < values.length; ++i) {
    const steps = values[i] / scale;
    const integer = Math.round(steps) + zeroPoint;
    const isOnGrid = Math.abs(steps + zeroPoint - integer) <= ALMOST;
    if (!hasZero || !isOnGrid || !(integer >= 0 && integer <= levels)) {
      return quantized(spec, bytes, dtype);
    }
    integers[i] = integer;
  }
  const grid = {...quantization, scale, min: 0 - zeroPoint * scale};
  return {spec: {...spec, quantization: grid}, bytes: bytesOf(integers)};
}

/** Steps by which a number of a grid may be off, by the rounding of floats. */
const ALMOST = 0.01;

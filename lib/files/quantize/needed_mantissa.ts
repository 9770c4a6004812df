import type {Sensitivity} from '../../model/sensitive_weights';
import {asWords} from '../artifacts/weight_chunks';
import {valuesOf} from './dequantize';
import {WHOLE_MANTISSA} from './float16';
import type {StoredWeight} from './stored_weight';

/** Numbers of so many bits are at most 1.6 % off: less than kernels of 8 bits are. */
const LEAST = 5;
/** Fewer numbers take next to nothing, and may be the outputs of a model. */
const FEW = 16;
/** Subnormal numbers of few bits are multiples of 2^-19: no weight may be so small as a whole. */
const LEAST_MAGNITUDE = 2 ** -8;
/** Shifts are off by no more than this share of what they shift: 2^-4, half a bit lower. */
const BITS_OF_DEVIATION = 3;
/** tfjs's own addition to a variance, which keeps a channel that never changes from counting. */
const EPSILON = 1e-3;

/**
 * How many bits of a float16's mantissa a sensitive weight has to have: as few as do no more
 * harm than kernels of 8 bits, and more where a shift is large beside what it shifts, as the
 * mean of a feature that was never centered is.
 *
 * @param weight Of floats.
 * @param next The weight behind it: for the means of a normalization, its variances.
 */
export async function neededMantissa(
  {spec: {name}, bytes}: StoredWeight,
  sensitivity: Sensitivity,
  next?: StoredWeight,
): Promise<number> {
  const values = asWords(bytes, Float32Array);
  const isSmall = values.every((value) => Math.abs(value) < LEAST_MAGNITUDE);
  if (sensitivity === 'other' || values.length < FEW || isSmall) {
    return WHOLE_MANTISSA;
  }
  if (sensitivity === 'scale' || sensitivity === 'filter') {
    return LEAST;
  }
  const isOwn = next?.spec.name === name.replace(/moving_mean/, 'moving_variance');
  const variances = isOwn && name !== next.spec.name ? await valuesOf(next) : [];
  const common = Math.sqrt(varianceOf(values));
  const ratio = values.reduce((most, value, i) => {
    const deviation = i < variances.length ? Math.sqrt(variances[i] + EPSILON) : common;
    // No number where all are 0, and are as good in any bits.
    return Math.max(most, value === 0 ? 0 : Math.abs(value) / deviation);
  }, 0);
  const needed = Math.ceil(Math.log2(ratio)) + BITS_OF_DEVIATION;
  return Math.min(Math.max(LEAST, Number.isNaN(needed) ? WHOLE_MANTISSA : needed), WHOLE_MANTISSA);
}

function varianceOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

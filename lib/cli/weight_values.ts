import type {StoredWeight} from '../files/quantize/stored_weight';

/** Whether the values of a weight are numbers that can be zero. */
export function isNumeric({spec}: StoredWeight): boolean {
  return spec.dtype === 'float32' || spec.dtype === 'int32' || spec.dtype === 'bool';
}

/** How many values are zero. */
export function zerosIn(values: ArrayLike<number>): number {
  let zeros = 0;
  for (let i = 0; i < values.length; ++i) {
    zeros += values[i] === 0 ? 1 : 0;
  }
  return zeros;
}

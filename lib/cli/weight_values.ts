import type {StoredWeight} from '../files/quantize/stored_weights';

/** Whether the values of a weight are numbers that can be zero. */
export function isNumeric({spec}: StoredWeight): boolean {
  return spec.dtype === 'float32' || spec.dtype === 'int32' || spec.dtype === 'bool';
}

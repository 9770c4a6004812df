import {check} from '../../base/check';
import {affineGrid} from '../../projection/rounding/affine_grid';

/** The ends of a grid lie up to half a step beyond the values: from here, beyond float32. */
const LARGEST = 1e38;

/** Integers q that stand for q · scale + min. */
export interface Affine<T extends Uint8Array | Uint16Array> {
  integers: T;
  scale: number;
  min: number;
}

/**
 * `values` as unsigned integers of the grid that `QuantizeAware` trains on, as
 * tfjs's loader reads them. Zero is one of its numbers, since most of a pruned
 * weight is that; an error is at most scale / 2, but for the rounding of floats.
 *
 * @param name Of the weight; named in errors.
 * @throws PruningError where a value isn't finite, or above 1e38 in magnitude.
 */
export function toAffine<T extends Uint8Array | Uint16Array>(
  name: string,
  values: Float32Array,
  integers: T,
): Affine<T> {
  let least = 0;
  let most = 0;
  for (let i = 0; i < values.length; ++i) {
    // Numbers only: a comparison with NaN is false.
    if (!(Math.abs(values[i]) <= LARGEST)) {
      check(false, name, `finite values up to ${LARGEST}, to make them integers`, values[i]);
    }
    least = Math.min(least, values[i]);
    most = Math.max(most, values[i]);
  }
  const levels = 2 ** (8 * integers.BYTES_PER_ELEMENT) - 1;
  const {scale, zeroPoint} = affineGrid(least, most, levels);
  for (let i = 0; i < values.length; ++i) {
    // The ends of the range may lie half a step beyond those of the grid.
    const integer = Math.round(values[i] / scale) + zeroPoint;
    integers[i] = Math.min(Math.max(integer, 0), levels);
  }
  return {integers, scale, min: 0 - zeroPoint * scale};
}

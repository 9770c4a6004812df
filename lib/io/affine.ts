import {check} from '../validate';

/** Integers q that stand for q · scale + min. */
export interface Affine<T extends Uint8Array | Uint16Array> {
  integers: T;
  scale: number;
  min: number;
}

/**
 * `values` as unsigned integers, evenly spread over their range, as tfjs's
 * loader reads them. The integer −min / scale stands for exactly zero, since
 * most of a pruned weight is that; an error is at most scale / 2.
 *
 * @param name Of the weight; named in errors.
 * @throws PruningError where a value isn't finite.
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
    if (!(Math.abs(values[i]) < Infinity)) {
      check(false, name, 'finite values, to make them integers', values[i]);
    }
    least = Math.min(least, values[i]);
    most = Math.max(most, values[i]);
  }
  const largest = 2 ** (8 * integers.BYTES_PER_ELEMENT) - 1;
  // At least one integer on a side where there are values.
  const share = most > least ? Math.round((-least / (most - least)) * largest) : 0;
  const zero = Math.min(Math.max(share, least < 0 ? 1 : 0), most > 0 ? largest - 1 : largest);
  // Rounding may have given either side too few integers: the scale makes room for it.
  const scale = Math.max(most > 0 ? most / (largest - zero) : 0, least < 0 ? -least / zero : 0);
  for (let i = 0; i < values.length; ++i) {
    integers[i] = scale > 0 ? Math.round(values[i] / scale) + zero : zero;
  }
  return {integers, scale: scale || 1, min: zero > 0 ? -zero * scale : 0};
}

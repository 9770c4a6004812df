import {check} from '../../base/check';

/** The largest number below which all round to a finite float16, the largest of which is 65504. */
const OVERFLOW = 65520;
/** Bits of a float32 that a normal float16 lacks: 13 of the mantissa. */
const DROPPED = 13;
/** Bits of a float16's mantissa. */
export const WHOLE_MANTISSA = 10;
/** The bits of infinity as float16. */
const INFINITE = 0x7c00;

/**
 * `values` as IEEE 754 half floats, rounded to the nearest, ties to even. What
 * isn't zero stays so: magnitudes below half the least float16, 2^-24, become
 * that. NaN and infinity stay what they are.
 *
 * @param name Of the weight; named in errors.
 * @param mantissa How many bits of the mantissa are used, of 10; the others are 0, which
 *   compressors make the most of.
 * @throws PruningError where a finite value would become infinite.
 */
export function toFloat16(
  name: string,
  values: Float32Array,
  mantissa = WHOLE_MANTISSA,
): Uint16Array<ArrayBuffer> {
  const cut = WHOLE_MANTISSA - mantissa;
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; ++i) {
    const magnitude = bits[i] & 0x7fffffff;
    const isFinite = magnitude < 0x7f800000;
    if (isFinite && Math.abs(values[i]) >= OVERFLOW) {
      check(false, name, 'magnitudes up to 65504, as float16 has them', values[i]);
    }
    const half = isFinite
      ? roundedHalf(magnitude, cut)
      : magnitude > 0x7f800000
        ? 0x7e00
        : INFINITE;
    halves[i] = ((bits[i] >>> 31) << 15) | half;
  }
  return halves;
}

/** Whether all finite values of `values` are finite as float16. */
export function fitsFloat16(values: Float32Array): boolean {
  return values.every((value) => Math.abs(value) < OVERFLOW || !Number.isFinite(value));
}

/**
 * The bits of the float16 that is nearest to the finite, non-negative float32 with these bits,
 * among those whose `cut` lowest bits are 0.
 */
function roundedHalf(bits: number, cut: number): number {
  const exponent = (bits >>> 23) - 127 + 15;
  if (exponent >= 1) {
    // An overflow of the mantissa raises the exponent, as it should.
    const half = roundedShift((exponent << 23) | (bits & 0x7fffff), DROPPED + cut) << cut;
    // But not to infinity.
    return Math.min(half, INFINITE - (1 << cut));
  }
  // A subnormal: the mantissa, with its leading one, shifted as the exponent says.
  const shift = DROPPED + cut + 1 - exponent;
  const half = shift > 24 ? 0 : roundedShift((bits & 0x7fffff) | 0x800000, shift);
  return bits === 0 ? 0 : Math.max(half, 1) << cut;
}

/** `value` / 2^`shift`, rounded to the nearest integer, ties to even. */
function roundedShift(value: number, shift: number): number {
  const floor = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && floor & 1) ? floor + 1 : floor;
}

const DIGIT_BITS = 11;
const DIGITS = 1 << 11;
const SIGN = 0x80000000;

/**
 * A sorted copy of `values`, by a radix sort of their bits: several times as fast as
 * `sort`. NaNs come first or last.
 */
export function sortFloats(values: Float32Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  // As integers in the order of the numbers: those below zero turned round.
  let from = bits.map((word) => word ^ ((word >> 31) | SIGN));
  let to = new Uint32Array(values.length);
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    const ends = new Uint32Array(DIGITS);
    for (let i = 0; i < from.length; ++i) {
      ++ends[(from[i] >>> shift) & (DIGITS - 1)];
    }
    for (let digit = 1; digit < DIGITS; ++digit) {
      ends[digit] += ends[digit - 1];
    }
    for (let i = from.length - 1; i >= 0; --i) {
      to[--ends[(from[i] >>> shift) & (DIGITS - 1)]] = from[i];
    }
    [from, to] = [to, from];
  }
  for (let i = 0; i < from.length; ++i) {
    from[i] ^= (~from[i] >> 31) | SIGN;
  }
  return new Float32Array(from.buffer);
}

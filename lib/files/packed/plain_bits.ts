/**
 * Reads `count` numbers of `width` bits, at most 24, the lowest bit first.
 *
 * @param bytes Has at least three bytes after the last that is read.
 * @param start The first byte.
 */
export function plainBits(
  bytes: Uint8Array,
  start: number,
  width: number,
  count: number,
  into: Uint32Array,
): void {
  const mask = (1 << width) - 1;
  let bit = 8 * start;
  for (let i = 0; i < count; ++i) {
    const first = bit >>> 3;
    const word =
      bytes[first] | (bytes[first + 1] << 8) | (bytes[first + 2] << 16) | (bytes[first + 3] << 24);
    into[i] = (word >>> (bit & 7)) & mask;
    bit += width;
  }
}

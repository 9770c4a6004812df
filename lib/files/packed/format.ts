/** What writer and reader of a packed model agree on; docs/packed_format.md has all of it. */

/** "TFPK", read as a little-endian integer. */
export const MAGIC = 0x4b504654;
/** What is written; earlier versions are read too. */
export const VERSION = 3;
/** Bytes before the header: magic, version, three sizes, a checksum. */
export const PRELUDE_BYTES = 32;
export const CHECKSUM_BYTES = 4;
/** The most that a byte of the file can stand for, where a weight is all zeros. */
export const MOST_PER_BYTE = 2 ** 14;
/** Words that are coded together; each such chunk is a frame of its own. */
export const CHUNK_WORDS = 65536;

/** Frequencies of symbols sum to 2^12. */
export const PRECISION = 12;
/** The states of the coder before the first symbol that is written, the last that is read. */
export const FIRST_STATE = 1 << 15;
/** Bytes of the two states. */
export const STATE_BYTES = 8;

/** The bits of a weight's first byte; the two lowest are the logarithm of its words' bytes. */
export const CODED = 4;
export const BOOK = 8;
export const MASKED = 16;
export const ROTATED = 32;
/** Of a weight that is made of others, the next in the file. */
export const TILED = 64;
/** Of words whose lowest bits are all 0, and left out. */
export const CUT = 128;

/** Bytes that a header of `length` bytes may inflate to: so much memory it takes at most. */
export function mostInflated(length: number): number {
  return 2 ** 24 + 4 * length;
}

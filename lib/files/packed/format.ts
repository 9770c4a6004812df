/** What writer and reader of a packed model agree on; docs/packed_format.md has all of it. */

/** Its numbers. Enums, since bundlers then write these and no names. */
export const enum Format {
  /** "TFPK", read as a little-endian integer. */
  MAGIC = 0x4b504654,
  /** What is written; earlier versions are read too. */
  VERSION = 3,
  /** Bytes before the header: magic, version, three sizes, a checksum. */
  PRELUDE_BYTES = 32,
  CHECKSUM_BYTES = 4,
  /** The most that a byte of the file can stand for, where a weight is all zeros. */
  MOST_PER_BYTE = 2 ** 14,
  /** Words that are coded together; each such chunk is a frame of its own. */
  CHUNK_WORDS = 65536,

  /** Frequencies of symbols sum to 2^12. */
  PRECISION = 12,
  SLOTS = 1 << PRECISION,
  /** The states of the coder before the first symbol that is written, the last that is read. */
  FIRST_STATE = 1 << 15,
  /** Bytes of the two states. */
  STATE_BYTES = 8,
}

/** The bits of a weight's first byte; the two lowest are the logarithm of its words' bytes. */
export const enum Flag {
  CODED = 4,
  BOOK = 8,
  MASKED = 16,
  ROTATED = 32,
  /** Of a weight that is made of others, the next in the file. */
  TILED = 64,
  /** Of words whose lowest bits are all 0, and left out. */
  CUT = 128,
}

/** Bytes that a header of `length` bytes may inflate to: so much memory it takes at most. */
export function mostInflated(length: number): number {
  return 2 ** 24 + 4 * length;
}

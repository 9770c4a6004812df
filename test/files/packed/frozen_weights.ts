import type {io} from '@tensorflow/tfjs-core';

/** A weight as it was packed; never to change, since the files of version 1 don't. */
export interface FrozenWeight {
  readonly spec: io.WeightsManifestEntry;
  readonly bytes: Uint8Array;
}

/** Numerical Recipes' generator, the upper 16 bits: integers below 2^16. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 16;
  };
}

type Words = Uint8Array | Uint16Array | Uint32Array;

/** `rows` x `columns` words: `zero` where pruned, some rows and columns full, others nearly empty. */
function matrix<T extends Words>(
  words: T,
  columns: number,
  zero: number,
  draw: (next: () => number) => number,
): T {
  const next = numbers(words.length);
  for (let i = 0; i < words.length; ++i) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const isFull = column % 11 === 4 || row % 13 === 6;
    const share = (row % 7 === 3 ? 1 : 12) * (column % 5 === 2 ? 20 : 1);
    const chance = isFull ? 256 : column % 11 === 7 ? 0 : Math.min(share, 200);
    words[i] = next() % 256 < chance ? draw(next) : zero;
  }
  return words;
}

function frozen(
  name: string,
  words: Words,
  shape: number[],
  quantization?: io.WeightsManifestEntry['quantization'],
): FrozenWeight {
  const spec = {name, shape, dtype: 'float32' as const, ...(quantization && {quantization})};
  return {spec, bytes: new Uint8Array(words.buffer)};
}

/** The bits of a float32 between −2 and 2, of few exponents as weights have them. */
const float = (next: () => number) => {
  return (((next() & 1) << 31) | ((120 + (next() % 8)) << 23) | ((next() << 7) & 0x7fffff)) >>> 0;
};

const u8 = {scale: 0.02, min: -2.54, dtype: 'uint8' as const};

/** What each file in `version_1/` holds, by its name. */
export const FROZEN: Readonly<Record<string, readonly FrozenWeight[]>> = {
  // Long runs of zeros, over two chunks of 65536 words.
  masked: [frozen('m/kernel', matrix(new Uint32Array(280 * 240), 240, 0, float), [280, 240])],
  // A zero that is not the word 0.
  uint8: [
    frozen(
      'q/kernel',
      matrix(new Uint8Array(200 * 90), 90, 127, (n) => n() % 256),
      [200, 90],
      u8,
    ),
  ],
  float16: [
    frozen(
      'q/kernel',
      matrix(new Uint16Array(64 * 50), 50, 0, (n) => 0x3c00 ^ (n() % 999)),
      [64, 50],
      {dtype: 'float16'},
    ),
  ],
  // 16 values shared by all, and a bias of equal words.
  book: [
    frozen(
      'b/kernel',
      matrix(new Uint32Array(120 * 100), 100, 0, (n) => 0x3f000000 + 4099 * (n() % 16)),
      [120, 100],
    ),
    frozen('b/bias', new Uint32Array(100).fill(0x3dcccccd), [100]),
  ],
  // Dense, with and without anything to save; empty.
  dense: [
    frozen(
      'd/kernel',
      Uint32Array.from(
        {length: 2500},
        (
          (next) => () =>
            float(next)
        )(numbers(9)),
      ),
      [50, 50],
    ),
    frozen(
      'd/noise',
      Uint32Array.from(
        {length: 300},
        (
          (next) => () =>
            ((next() << 16) | next()) >>> 0
        )(numbers(8)),
      ),
      [300],
    ),
    frozen('d/none', new Uint32Array(0), [0, 4]),
  ],
};

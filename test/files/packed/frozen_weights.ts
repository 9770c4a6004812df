import type {io} from '@tensorflow/tfjs-core';

/** A weight as it was packed; never to change, since the files don't. */
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
const VERSION_1: Readonly<Record<string, readonly FrozenWeight[]>> = {
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

/** `rows` x `columns` floats, of which tiles of `high` x `wide` are empty, and some single words. */
function tiled(rows: number, columns: number, high: number, wide: number): Uint32Array {
  const next = numbers(rows + columns);
  const across = Math.ceil(columns / wide);
  const empty = Uint8Array.from({length: Math.ceil(rows / high) * across}, () =>
    next() % 4 ? 1 : 0,
  );
  return Uint32Array.from({length: rows * columns}, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const tile = Math.floor(row / high) * across + Math.floor(column / wide);
    const word = float(next);
    return empty[tile] || next() % 50 === 0 ? 0 : word;
  });
}

/** The same in bytes, of which 127 is zero; rows differ by their size. */
function words(rows: number, columns: number): Uint8Array {
  const next = numbers(5);
  return Uint8Array.from({length: rows * columns}, (_, i) => {
    const largest = 1 << (Math.imul(Math.floor(i / columns), 2654435761) >>> 29);
    const size = next() % largest;
    return next() & 1 ? 127 + size : 127 - size;
  });
}

/** 2 of each 4 along the columns, of 16 values. */
function groups(rows: number, columns: number): Uint32Array {
  const next = numbers(6);
  const first = Uint8Array.from({length: Math.ceil(rows / 4) * columns}, () => next() % 4);
  return Uint32Array.from({length: rows * columns}, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const place = (row - first[Math.floor(row / 4) * columns + column]) & 3;
    const word = 0x3f000000 + 4099 * (next() % 16);
    return place < 2 ? word : 0;
  });
}

/** What each file in `version_2/` holds. */
const VERSION_2: Readonly<Record<string, readonly FrozenWeight[]>> = {
  // Words of an embedding, over more than a chunk.
  rows: [frozen('r/embeddings', tiled(2500, 32, 1, 32), [2500, 32])],
  columns: [frozen('c/kernel', tiled(150, 200, 150, 1), [150, 200])],
  // Smaller at both edges.
  blocks: [frozen('b/kernel', tiled(102, 203, 4, 8), [102, 203])],
  // Inputs of a convolution.
  inputs: [frozen('i/kernel', tiled(9, 40 * 24, 9, 24), [3, 3, 40, 24])],
  groups: [frozen('g/kernel', groups(128, 60), [128, 60])],
  // Rows of several kinds, none of them empty.
  kinds: [frozen('k/embeddings', words(2000, 40), [2000, 40], {...u8, min: -127 * u8.scale})],
};

/** `count` half floats between 2^-3 and 2^3, of five bits of the mantissa. */
function shortHalves(count: number, isSigned: boolean): Uint16Array {
  const next = numbers(count);
  return Uint16Array.from({length: count}, () => {
    const sign = isSigned ? (next() & 1) << 15 : 0;
    return sign | ((12 + (next() % 6)) << 10) | ((next() & 31) << 5);
  });
}

/** Half floats of few bits in steps of their own for each of `channels`, some of which are empty. */
function steps(places: number, channels: number): Uint16Array {
  const next = numbers(channels);
  const largest = Uint8Array.from({length: channels}, () => (next() % 9 ? 2 + (next() % 9) : 0));
  return Uint16Array.from({length: places * channels}, (_, i) => {
    const integer = next() % 64;
    const bits = 31 - Math.clz32(integer);
    const isZero = largest[i % channels] === 0 || integer === 0;
    const sign = (next() & 1) << 15;
    return isZero
      ? 0
      : sign + ((largest[i % channels] - 1 + bits) << 10) + (integer << (10 - bits));
  });
}

/** What each file in `version_3/` holds. */
const VERSION_3: Readonly<Record<string, readonly FrozenWeight[]>> = {
  // Words whose lowest bits are 0, in all of them or all but the word for zero.
  cut: [
    frozen('c/depthwise_kernel', shortHalves(576, true), [3, 3, 64, 1], {dtype: 'float16'}),
    frozen('c/moving_variance', shortHalves(96, false), [96], {dtype: 'float16'}),
    frozen(
      'c/kernel',
      matrix(new Uint32Array(100 * 60), 60, 0, (n) => (float(n) & 0xffffe000) >>> 0),
      [100, 60],
    ),
    frozen(
      'c/half',
      matrix(new Uint16Array(70 * 50), 50, 0, (n) => 0x4000 | ((n() & 511) << 5)),
      [70, 50],
      {dtype: 'float16'},
    ),
  ],
  // A filter for each channel.
  steps: [
    frozen('s/depthwise_kernel', steps(9, 150), [3, 3, 75, 2], {dtype: 'float16'}),
    frozen('t/depthwise_kernel', steps(25, 40), [5, 5, 40, 1], {dtype: 'float16'}),
  ],
};

/** What the files of each version hold, the first's first. */
export const FROZEN = [VERSION_1, VERSION_2, VERSION_3] as const;

import fc from 'fast-check';

import {Pace} from '../../../lib/base/yielding';
import {decodeWeight} from '../../../lib/files/packed/decode_weight';
import {encodedSize, encodeWeight, type WeightWords} from '../../../lib/files/packed/encode_weight';
import {Format} from '../../../lib/files/packed/format';
import {weightMemory} from '../../../lib/files/packed/weight_memory';
import {random} from '../../setup/models';
import {weightWords} from './weights';

async function decode(frames: readonly Uint8Array[], size: number): Promise<Uint8Array> {
  const memory = weightMemory('a test', size);
  const left = [...frames];
  const read = await decodeWeight('a test', async () => left.shift()!, memory);
  expect(read).toBe(frames.reduce((sum, {length}) => sum + length, 0));
  expect(left).toEqual([]);
  expect(memory.left).toBe(0);
  return memory.bytes.subarray(0, size);
}

async function encodedBytes(weight: WeightWords): Promise<number> {
  const frames = await encodeWeight(weight, new Pace());
  const decoded = await decode(frames, weight.bytes.length);
  expect(Buffer.compare(decoded, weight.bytes)).toBe(0);
  const bytes = frames.reduce((sum, {length}) => sum + length, 0);
  expect(encodedSize(weight)).toEqual({frames: frames.length, bytes});
  return bytes;
}

function floats(values: Float32Array, width: number, windows = 1): WeightWords {
  const height = values.length / width / windows;
  return {bytes: new Uint8Array(values.buffer), wordBytes: 4, width, height, zero: 0};
}

test('any weight comes back to the bit, and is never larger but for its head', async () => {
  await fc.assert(
    fc.asyncProperty(weightWords, async (weight) => {
      expect(await encodedBytes(weight)).toBeLessThanOrEqual(weight.bytes.length + 4);
    }),
    {numRuns: 300},
  );
});

test('a weight of several chunks comes back, whether coded or plain', async () => {
  const next = random(1);
  for (const words of [Format.CHUNK_WORDS, Format.CHUNK_WORDS + 1, 5 * Format.CHUNK_WORDS + 7]) {
    const sparse = Float32Array.from({length: words}, () => (next() < 0.9 ? 0 : next() - 0.5));
    expect(await encodedBytes(floats(sparse, 100))).toBeLessThan(0.12 * sparse.byteLength);
    const noise = Uint32Array.from({length: words}, () => next() * 2 ** 32);
    const bytes = new Uint8Array(noise.buffer);
    await encodedBytes({bytes, wordBytes: 4, width: 100, height: 1, zero: 0});
  }
});

test('a weight at an odd address comes back', async () => {
  const buffer = new Uint8Array(4001);
  const values = Float32Array.from({length: 1000}, (_, i) => (i % 7 ? 0 : i));
  buffer.set(new Uint8Array(values.buffer), 1);
  const bytes = buffer.subarray(1);
  await encodedBytes({bytes, wordBytes: 4, width: 10, height: 100, zero: 0});
});

describe('the size', () => {
  const size = 2 ** 16;
  const bits = (share: number) => -share * Math.log2(share) - (1 - share) * Math.log2(1 - share);

  test.each([0.5, 0.1, 0.05, 0.01])(
    'of shared values, %d of which are not zero, is within 4 % of the entropy',
    async (density) => {
      const next = random(2);
      const values = Float32Array.from({length: size}, () =>
        next() < density ? 1 + Math.floor(next() * 16) : 0,
      );
      const entropy = (size * (bits(density) + 4 * density)) / 8;
      expect(await encodedBytes(floats(values, 256))).toBeLessThan(1.04 * entropy + 150);
    },
  );

  test('of a weight without anything but zeros is next to nothing', async () => {
    expect(await encodedBytes(floats(new Float32Array(size), 256))).toBeLessThan(50);
  });

  test('of zeros is smaller where rows or columns are empty', async () => {
    const next = random(3);
    const values = (isPossible: (row: number, column: number) => boolean) =>
      Float32Array.from({length: size}, (_, i) =>
        next() < 0.1 && isPossible(i >> 8, i & 255) ? 1 : 0,
      );
    const even = await encodedBytes(
      floats(
        values(() => next() < 0.5),
        256,
      ),
    );
    const rows = await encodedBytes(
      floats(
        values((row) => row < 128),
        256,
      ),
    );
    const columns = await encodedBytes(
      floats(
        values((_, column) => column % 2 === 0),
        256,
      ),
    );
    expect(rows).toBeLessThan(0.9 * even);
    expect(columns).toBeLessThan(0.9 * even);
  });

  test('of floats, of which the exponents are alike, is less than that of gzip', async () => {
    const next = random(4);
    const values = Float32Array.from({length: size}, () => next() + next() + next() - 1.5);
    expect(await encodedBytes(floats(values, 256))).toBeLessThan(0.86 * values.byteLength);
  });
});

test('floats whose lowest bits are 0, as those that were float16, take nothing for these', async () => {
  const next = random(11);
  const values = Float32Array.from({length: 2 ** 14}, () => next() + next() + next() - 1.5);
  const whole = await encodedBytes(floats(values, 128));
  for (const [bits, sparsity] of [
    [13, 0],
    [16, 0.5],
  ]) {
    const words = new Uint32Array(values.slice().buffer);
    words.forEach((word, i) => (words[i] = i % 128 < 128 * sparsity ? 0 : (word >>> bits) << bits));
    const short = await encodedBytes(floats(new Float32Array(words.buffer), 128));
    const saved = (bits / 8) * words.length;
    expect(short).toBeLessThan((1 - sparsity) * (whole - 0.98 * saved) + 200);
  }
});

describe('a pattern of zeros takes no more than 1.2 times its entropy, and a head:', () => {
  const HEAD = 60;
  const size = 128;
  const bits = (share: number) => -share * Math.log2(share) - (1 - share) * Math.log2(1 - share);

  /** Words of equal values, which take nothing, and nothing but the pattern does. */
  const sizeOf = (isKept: (row: number, column: number) => boolean, windows = 1) => {
    const values = Float32Array.from({length: size * size}, (_, i) =>
      isKept(Math.floor(i / size), i % size) ? 1 : 0,
    );
    return encodedBytes(floats(values, size, windows));
  };

  test.each([
    [1, 128],
    [128, 1],
    [1, 4],
    [4, 1],
    [4, 4],
    [2, 8],
    [16, 16],
    [3, 5],
  ])('blocks of %d x %d, also where they are smaller at the edges', async (high, wide) => {
    for (const density of [0.2, 0.9]) {
      const next = random(7);
      const [down, across] = [Math.ceil(size / high), Math.ceil(size / wide)];
      const kept = Array.from({length: down * across}, () => next() < density);
      const share = kept.filter(Boolean).length / kept.length;
      const entropy = (kept.length * bits(share)) / 8;
      const bytes = await sizeOf(
        (row, column) => kept[Math.floor(row / high) * across + Math.floor(column / wide)],
      );
      expect(bytes).toBeLessThan(1.2 * entropy + HEAD);
    }
  });

  test.each([
    [1, 2],
    [2, 4],
    [1, 4],
    [4, 8],
    [2, 3],
  ])('%d of %d along rows and along columns', async (n, m) => {
    const next = random(8);
    const choices = Array.from({length: m - n}, (_, i) => (m - i) / (m - n - i)).reduce(
      (product, factor) => product * factor,
      1,
    );
    const entropy = ((size * size) / m / 8) * Math.log2(choices);
    const groups = Array.from({length: Math.ceil(size / m) * size}, () => {
      const order = Array.from({length: m}, (_, place) => ({place, key: next()}));
      order.sort((a, b) => a.key - b.key);
      return new Set(order.slice(0, n).map(({place}) => place));
    });
    const isKept = (along: number, line: number) =>
      groups[Math.floor(along / m) * size + line].has(along % m);
    expect(await sizeOf(isKept)).toBeLessThan(1.2 * entropy + HEAD);
    expect(await sizeOf((row, column) => isKept(column, row))).toBeLessThan(1.2 * entropy + HEAD);
  });

  test('the inputs of a convolution, in all places of its window at once', async () => {
    const next = random(9);
    const kept = Array.from({length: size / 4}, () => next() < 0.5);
    expect(await sizeOf((row) => kept[row % 32], 4)).toBeLessThan((1.2 * 32) / 8 + HEAD);
  });
});

test('rows of different sizes take less than if they were mixed', async () => {
  const next = random(10);
  const shape = [1000, 64] as const;
  const values = (size: (row: number) => number) =>
    Uint8Array.from({length: shape[0] * shape[1]}, (_, i) => {
      const row = size(Math.floor(i / shape[1]));
      return Math.round(128 + (next() + next() + next() - 1.5) * row);
    });
  const sizes = Array.from({length: shape[0]}, () => 80 * 2 ** (-5 * next()));
  const own = values((row) => sizes[row]);
  const mixed = own.slice().sort((_, __) => next() - 0.5);
  const bytesOf = (bytes: Uint8Array) =>
    encodedBytes({bytes, wordBytes: 1, width: shape[1], height: shape[0], zero: 128});
  expect(await bytesOf(own)).toBeLessThan(0.92 * (await bytesOf(mixed)));
});

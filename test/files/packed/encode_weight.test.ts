import fc from 'fast-check';

import {Pace} from '../../../lib/base/yielding';
import {WeightDecoder} from '../../../lib/files/packed/decode_weight';
import {encodeWeight, type WeightWords} from '../../../lib/files/packed/encode_weight';
import {CHUNK_WORDS} from '../../../lib/files/packed/format';
import {WeightMemory} from '../../../lib/files/packed/weight_memory';
import {random} from '../../setup/models';
import {weightWords} from './weights';

function decode(frames: readonly Uint8Array[], size: number): Uint8Array {
  const memory = new WeightMemory('a test', size);
  const decoder = new WeightDecoder('a test', frames[0], memory);
  frames.slice(1).forEach((frame) => decoder.decode(frame));
  expect(decoder.finished).toBe(true);
  expect(decoder.size).toBe(size);
  return new Uint8Array(memory.buffer);
}

async function encodedBytes(weight: WeightWords): Promise<number> {
  const frames = await encodeWeight(weight, new Pace());
  expect(Buffer.compare(decode(frames, weight.bytes.length), weight.bytes)).toBe(0);
  return frames.reduce((sum, {length}) => sum + length, 0);
}

function floats(values: Float32Array, width: number): WeightWords {
  return {bytes: new Uint8Array(values.buffer), wordBytes: 4, width, zero: 0};
}

test('any weight comes back to the bit, and is never larger but for its head', async () => {
  await fc.assert(
    fc.asyncProperty(weightWords, async (weight) => {
      expect(await encodedBytes(weight)).toBeLessThanOrEqual(weight.bytes.length + 4);
    }),
    {numRuns: 500},
  );
});

test('a weight of several chunks comes back, whether coded or plain', async () => {
  const next = random(1);
  for (const words of [CHUNK_WORDS, CHUNK_WORDS + 1, 5 * CHUNK_WORDS + 7]) {
    const sparse = Float32Array.from({length: words}, () => (next() < 0.9 ? 0 : next() - 0.5));
    expect(await encodedBytes(floats(sparse, 100))).toBeLessThan(0.12 * sparse.byteLength);
    const noise = Uint32Array.from({length: words}, () => next() * 2 ** 32);
    const bytes = new Uint8Array(noise.buffer);
    await encodedBytes({bytes, wordBytes: 4, width: 100, zero: 0});
  }
});

test('a weight at an odd address comes back', async () => {
  const buffer = new Uint8Array(4001);
  const values = Float32Array.from({length: 1000}, (_, i) => (i % 7 ? 0 : i));
  buffer.set(new Uint8Array(values.buffer), 1);
  await encodedBytes({bytes: buffer.subarray(1), wordBytes: 4, width: 10, zero: 0});
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

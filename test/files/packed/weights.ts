import fc from 'fast-check';

import type {WeightWords} from '../../../lib/files/packed/encode_weight';
import {random} from '../../setup/models';

/** The floats that copies get wrong: signed zeros, NaNs with payloads, infinities, denormals. */
const SPECIAL_BITS = [
  0, 0x80000000, 0x7fc00000, 0x7f800001, 0xffc12345, 0x7f800000, 0xff800000, 1, 0x80000001,
  0x007fffff, 0x00800000, 0x7f7fffff,
];

/** The bits of a float32: any, special ones, or those of a usual weight. */
export const floatBits = fc.oneof(
  fc.integer({min: 0, max: 2 ** 32 - 1}),
  fc.constantFrom(...SPECIAL_BITS),
  fc.float({min: -1, max: 1, noNaN: true}).map((value) => {
    return new Uint32Array(Float32Array.of(value).buffer)[0];
  }),
);

/** Weights of any words, of few different values or many, with 0 % to 100 % zeros. */
export const weightWords: fc.Arbitrary<WeightWords> = fc
  .record({
    wordBytes: fc.constantFrom(1 as const, 2 as const, 4 as const),
    rows: fc.integer({min: 0, max: 40}),
    windows: fc.constantFrom(1, 1, 3),
    width: fc.integer({min: 1, max: 40}),
    sparsity: fc.constantFrom(0, 0.05, 0.5, 0.9, 0.99, 1),
    tile: fc.constantFrom<readonly [number, number]>(
      [1, 1],
      [1, Infinity],
      [Infinity, 1],
      [2, 2],
      [4, 1],
      [1, 4],
      [4, 8],
    ),
    zero: fc.constantFrom(0, 127),
    // Lowest bits that are 0 in all other words.
    cut: fc.constantFrom(0, 0, 5, 13),
    values: fc.array(floatBits, {minLength: 1, maxLength: 300}),
    seed: fc.integer(),
  })
  .map(
    ({wordBytes, rows, windows, width, sparsity, tile: [high, wide], zero, cut, values, seed}) => {
      const next = random(seed);
      const type = {1: Uint8Array, 2: Uint16Array, 4: Uint32Array}[wordBytes];
      const empty = new Map<string, boolean>();
      const isEmpty = (tile: string) => {
        empty.set(tile, empty.get(tile) ?? next() < sparsity);
        return empty.get(tile);
      };
      const words = new type(rows * windows * width).map((_, i) => {
        const [row, column] = [Math.floor(i / width), i % width];
        const tile = `${Math.floor(row / high)} ${Math.floor(column / wide)}`;
        return isEmpty(tile) ? zero : (values[Math.floor(next() * values.length)] >>> cut) << cut;
      });
      return {bytes: new Uint8Array(words.buffer), wordBytes, width, height: rows, zero};
    },
  );

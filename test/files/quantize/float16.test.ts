import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {PruningError} from '../../../lib/base/errors';
import {toFloat16} from '../../../lib/files/quantize/float16';

/** Half floats as tfjs's own loader reads them. */
function read(halves: Uint16Array): Float32Array {
  const quantization = {dtype: 'float16'} as const;
  const spec = {name: 'w', shape: [halves.length], dtype: 'float32', quantization} as const;
  const {w} = tf.io.decodeWeights(halves.slice().buffer, [{...spec, shape: [halves.length]}]);
  const values = w.dataSync().slice() as Float32Array;
  w.dispose();
  return values;
}

const round = (...values: number[]) => toFloat16('w', Float32Array.from(values));
const roundTo = (mantissa: number, ...values: number[]) => [
  ...read(toFloat16('w', Float32Array.from(values), mantissa)),
];

test('all half floats come back as they were', () => {
  const all = Uint16Array.from({length: 65536}, (_, i) => i);
  const isNaN = (half: number) => (half & 0x7fff) > 0x7c00;
  const numbers = all.filter((half) => !isNaN(half));
  expect(toFloat16('w', read(numbers))).toEqual(numbers);
  const nans = toFloat16('w', read(all.filter(isNaN)));
  expect(nans.every(isNaN)).toBe(true);
});

test('the nearest is taken, of two the even one', () => {
  expect([...read(round(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20))]).toEqual([
    1,
    1 + 2 ** -9,
    1 + 2 ** -10,
  ]);
  // The largest mantissa rounds up into the next exponent, also out of the denormal ones.
  expect([...read(round(2 - 2 ** -12, 2 ** -14 - 2 ** -26))]).toEqual([2, 2 ** -14]);
  expect([...read(round(65519.99, -65519.99))]).toEqual([65504, -65504]);
});

test('no error is above 2^-11 of the value, or half of the least denormal number', () => {
  const value = fc.float({min: -65504, max: 65504, noNaN: true});
  fc.assert(
    fc.property(fc.array(value, {maxLength: 50}), (list) => {
      const values = Float32Array.from(list);
      read(toFloat16('w', values)).forEach((half, i) => {
        const isTiny = Math.abs(values[i]) < 2 ** -25;
        const limit = isTiny ? 2 ** -24 : Math.max(Math.abs(values[i]) * 2 ** -11, 2 ** -25);
        expect(Math.abs(half - values[i])).toBeLessThanOrEqual(limit);
      });
    }),
  );
});

test('zeros stay zeros of their sign, and nothing else becomes zero', () => {
  const values = read(round(0, -0, 2 ** -24, 2 ** -26, -1e-30, 1.4e-45));
  expect([...values]).toEqual([0, -0, 2 ** -24, 2 ** -24, -(2 ** -24), 2 ** -24]);
});

test('infinities and NaN stay', () => {
  expect([...read(round(Infinity, -Infinity, NaN))]).toEqual([Infinity, -Infinity, NaN]);
});

test.each([65520, -65520, 1e30])('%d, which would become infinite, is refused', (value) => {
  expect(() => round(1, value)).toThrow(PruningError);
  expect(() => round(1, value)).toThrow('w: expected magnitudes up to 65504, as float16 has them');
});

describe('with fewer bits of the mantissa', () => {
  test.each([
    [5, [1 + 2 ** -6, 1 + 3 * 2 ** -6, 1 + 2 ** -6 + 2 ** -20], [1, 1 + 2 ** -4, 1 + 2 ** -5]],
    // Into the next exponent, but not to infinity.
    [5, [2 - 2 ** -7, -65504, 64100], [2, -64512, 64512]],
    // Subnormal numbers are multiples of 2^-19, and none of them zero.
    [5, [3 * 2 ** -19, 2.4 * 2 ** -19, 1e-9, -0], [3 * 2 ** -19, 2 * 2 ** -19, 2 ** -19, -0]],
    [1, [1.2, 1.3, -5.1], [1, 1.5, -6]],
    [10, [1 + 2 ** -10], [1 + 2 ** -10]],
  ])('%d: %j become %j', (mantissa, values, expected) => {
    expect(roundTo(mantissa, ...values)).toEqual(expected);
  });

  test('numbers are at most half of the last of these off, and stay what they became', () => {
    const value = fc.float({min: 2 ** -14, max: 60000, noNaN: true, noDefaultInfinity: true});
    fc.assert(
      fc.property(value, fc.boolean(), fc.integer({min: 1, max: 10}), (size, isLess, mantissa) => {
        const signed = isLess ? -size : size;
        const [rounded] = roundTo(mantissa, signed);
        const most = Math.min(size * 2 ** -(mantissa + 1), 65504);
        const isAtEnd = size > 65504 * (1 - 2 ** -(mantissa + 1));
        expect(isAtEnd || Math.abs(rounded - signed) <= most).toBe(true);
        expect(roundTo(mantissa, rounded)).toEqual([rounded]);
      }),
    );
  });
});

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

import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {PruningError} from '../../../lib/base/errors';
import {toAffine} from '../../../lib/files/quantize/affine';

const TYPES = {uint8: Uint8Array, uint16: Uint16Array} as const;

/** Values, quantized and read by tfjs's own loader, with the step between two integers. */
function roundTrip(dtype: keyof typeof TYPES, list: readonly number[]) {
  const values = Float32Array.from(list);
  const {integers, scale, min} = toAffine('w', values, new TYPES[dtype](values.length));
  // As the model.json has them.
  const quantization = JSON.parse(JSON.stringify({dtype, scale, min}));
  const spec = {name: 'w', shape: [values.length], dtype: 'float32', quantization} as const;
  const {w} = tf.io.decodeWeights(integers.buffer, [{...spec, shape: [values.length]}]);
  const read = w.dataSync().slice() as Float32Array;
  w.dispose();
  return {values, read, scale};
}

const largest = Math.fround(9.9e37);
const finite = fc.float({min: -largest, max: largest, noNaN: true});
const lists = fc.oneof(
  fc.array(fc.float({min: -1, max: 1, noNaN: true}), {maxLength: 60}),
  fc.array(finite, {maxLength: 60}),
  // One side only, and far from zero.
  fc.array(fc.float({min: 100, max: 101, noNaN: true}), {maxLength: 60}),
  fc.array(fc.float({min: -101, max: -100, noNaN: true}), {maxLength: 60}),
);

describe.each(['uint8', 'uint16'] as const)('%s', (dtype) => {
  test('no error is above half a step, and zeros are exact', () => {
    fc.assert(
      fc.property(lists, fc.array(fc.boolean(), {minLength: 60, maxLength: 60}), (list, zeros) => {
        const pruned = list.map((value, i) => (zeros[i] ? 0 : value));
        const {values, read, scale} = roundTrip(dtype, pruned);
        // The loader rounds to float32.
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), scale);
        const rounding = 2 ** -23 * largest + 2 ** -149;
        read.forEach((value, i) => {
          if (values[i] === 0) {
            expect(Object.is(value, 0)).toBe(true);
          }
          expect(Math.abs(value - values[i])).toBeLessThanOrEqual(scale / 2 + rounding);
        });
      }),
    );
  });

  test('all integers are of use: a step is hardly more than needed', () => {
    const levels = dtype === 'uint8' ? 255 : 65535;
    for (const [least, most] of [
      [-1, 1],
      [-0.3, 0.5],
      [0, 2],
      [-2, 0],
      [-1e-3, 1],
    ]) {
      const {scale} = roundTrip(dtype, [least, most]);
      expect(scale).toBeGreaterThanOrEqual((most - least) / levels);
      expect(scale).toBeLessThan(((most - least) / levels) * 1.02);
    }
  });

  test('numbers of a grid, such as QuantizeAware leaves, stay these', () => {
    const once = roundTrip(dtype, [-0.75, 0, 0.1, 0.31, -0.2, 0.9]).read;
    const {read, scale} = roundTrip(dtype, [...once]);
    read.forEach((value, i) => expect(Math.abs(value - once[i])).toBeLessThan(scale / 1000));
  });

  test('nothing but zeros stays that, and nothing at all too', () => {
    expect([...roundTrip(dtype, [0, 0]).read]).toEqual([0, 0]);
    expect([...roundTrip(dtype, []).read]).toEqual([]);
  });

  test.each([NaN, Infinity, -Infinity, Math.fround(3e38)])('%d is refused', (value) => {
    const run = () => toAffine('w', Float32Array.of(1, value), new TYPES[dtype](2));
    expect(run).toThrow(PruningError);
    expect(run).toThrow(
      `w: expected finite values up to 1e+38, to make them integers, but got ${value}.`,
    );
  });
});

import fc from 'fast-check';

import {valuesOf} from '../../../lib/files/quantize/dequantize';
import {requantized} from '../../../lib/files/quantize/requantize';
import {type StoredWeight} from '../../../lib/files/quantize/stored_weight';

const stored = (values: Float32Array): StoredWeight => ({
  spec: {name: 'w', shape: [values.length], dtype: 'float32'},
  bytes: new Uint8Array(values.buffer),
});
const grids = {
  uint8: {dtype: 'uint8', scale: 0.1, min: -10 * 0.1},
  // As tensorflowjs_converter writes it: the zero is a step only to the rounding of floats.
  nudged: {dtype: 'uint8', scale: 0.1, min: -1.0000000149},
  uint16: {dtype: 'uint16', scale: 2 ** -10, min: -3},
} as const;

test.each(Object.entries(grids))('%s: what is unchanged keeps its bytes', async (_, grid) => {
  const Integers = grid.dtype === 'uint8' ? Uint8Array : Uint16Array;
  const integers = new Integers(50).map((_, i) => 5 * i);
  const spec = {name: 'w', shape: [50], dtype: 'float32' as const, quantization: grid};
  const former = {spec, bytes: new Uint8Array(integers.buffer)};
  const values = Float32Array.from(await valuesOf(former));
  // Pruned: every other one.
  values.forEach((_, i) => (values[i] = i % 2 ? values[i] : 0));
  const {bytes, spec: after} = requantized(stored(values), grid);
  const now = new Integers(bytes.buffer as ArrayBuffer);
  expect(after.quantization).toMatchObject({dtype: grid.dtype, scale: grid.scale});
  integers.forEach((integer, i) => i % 2 && expect(now[i]).toBe(integer));
  const decoded = await valuesOf({spec: after, bytes});
  values.forEach((value, i) => value === 0 && expect(decoded[i]).toBe(0));
});

test('where the grid has no zero, or values are beyond it, there is a new one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.float({min: -8, max: 8, noNaN: true}), {minLength: 1, maxLength: 20}),
      fc.constantFrom({scale: 0.01, min: 1}, {scale: 0.001, min: -0.1}, {scale: 0, min: 0}),
      async (list, range) => {
        const values = Float32Array.from([...list, 0]);
        const weight = requantized(stored(values), {dtype: 'uint8', ...range});
        const decoded = Array.from(await valuesOf(weight));
        const spread = Math.max(...values) - Math.min(...values);
        values.forEach((value, i) =>
          expect(Math.abs(decoded[i] - value)).toBeLessThanOrEqual(
            (spread / 255) * 0.51 + 0.01 * range.scale + 1e-6,
          ),
        );
        expect(decoded.at(-1)).toBe(0);
      },
    ),
  );
});

test('half floats stay half floats', async () => {
  const {spec, bytes} = requantized(stored(Float32Array.of(1.5, 0, -2)), {dtype: 'float16'});
  expect(spec.quantization).toEqual({dtype: 'float16'});
  expect(Array.from(await valuesOf({spec, bytes}))).toEqual([1.5, 0, -2]);
});

import fc from 'fast-check';

import {onChannelGrid} from '../../../lib/files/quantize/channel_grid';
import {toFloat16} from '../../../lib/files/quantize/float16';
import {quantized} from '../../../lib/files/quantize/stored_weights';
import {tensorOf} from '../../../lib/files/quantize/dequantize';

test('each channel has steps of its own', () => {
  // Of 2^-6, 2^-3 and none.
  const values = Float32Array.of(1, 7.9, 0, 0.26, -3.3, 0, -0.007, 0.1, 0);
  expect([...onChannelGrid(values, 3)!]).toEqual([1, 7.875, 0, 17 / 64, -3.25, 0, 0, 0.125, 0]);
});

test.each([
  ['which are too small for so many', 1.5 * 2 ** -12],
  ['which are beyond float16', 2 ** 15],
  ['which are infinite', Infinity],
  ['which are NaN', NaN],
])('there are none where a channel has numbers %s', (_, value) => {
  expect(onChannelGrid(Float32Array.of(1, value), 2)).toBeUndefined();
});

test('a channel of next to nothing becomes 0, and no number -0', () => {
  const rounded = onChannelGrid(Float32Array.of(1, 1e-7, -0.001, -1e-9), 2)!;
  expect([...rounded]).toEqual([1, 0, 0, 0]);
});

test('numbers are off by 2^-6 of the largest of their channel at most, and are float16', () => {
  const value = fc.float({min: -8, max: 8, noNaN: true});
  fc.assert(
    fc.property(fc.array(value, {minLength: 8, maxLength: 40}), (list) => {
      const values = Float32Array.from([...list.slice(list.length % 2), 1, 1]);
      const rounded = onChannelGrid(values, 2);
      fc.pre(rounded !== undefined);
      rounded.forEach((each, i) => {
        const own = values.filter((_, j) => j % 2 === i % 2).map(Math.abs);
        expect(Math.abs(each - values[i])).toBeLessThanOrEqual(2 ** -6 * Math.max(...own));
      });
      const spec = {name: 'w', shape: [values.length], dtype: 'float32'} as const;
      const bytes = new Uint8Array(rounded.buffer);
      const halves = quantized({...spec, shape: [values.length]}, bytes, 'float16');
      const {w} = tensorOf(halves);
      expect([...w.dataSync()]).toEqual([...rounded]);
      w.dispose();
      expect(toFloat16('w', rounded).includes(0x8000)).toBe(false);
      // What is on the grid stays there.
      expect(onChannelGrid(rounded, 2)).toEqual(rounded);
    }),
  );
});

import fc from 'fast-check';

import {sortFloats} from '../../../lib/projection/rounding/sort_floats';

test('gives what sort gives, and leaves its argument alone', () => {
  const floats = fc.array(fc.float({noNaN: true}), {maxLength: 200});
  fc.assert(
    fc.property(floats, fc.nat(3), (list, offset) => {
      const values = Float32Array.from(list).subarray(offset);
      const before = values.slice();
      expect(sortFloats(values)).toEqual(before.slice().sort());
      expect(values).toEqual(before);
    }),
  );
});

test('NaNs are at an end', () => {
  const bits = Uint32Array.of(0x7fc00000, 0x3f800000, 0xffc00000, 0xff800000, 0x7f800000);
  const sorted = sortFloats(new Float32Array(bits.buffer));
  expect([...sorted]).toEqual([NaN, -Infinity, 1, Infinity, NaN]);
});

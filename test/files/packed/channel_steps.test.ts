import fc from 'fast-check';

import {channelSteps, ZERO_INTEGER} from '../../../lib/files/packed/channel_steps';
import {placeSteps} from '../../../lib/files/packed/tiles';

/** The bits of 1, 1.5, 2, -3, 0.25 and 0.375 as float16. */
const [ONE, ONE_AND_HALF, TWO, MINUS_THREE, QUARTER, THREE_EIGHTHS] = [
  0x3c00, 0x3e00, 0x4000, 0xc200, 0x3400, 0x3600,
];

test('numbers are integers of a step for each column', () => {
  const words = Uint16Array.of(ONE_AND_HALF, 0, QUARTER, TWO, 0, THREE_EIGHTHS, MINUS_THREE, 0, 0);
  const {steps, integers} = channelSteps(words, 3)!;
  expect([...integers].map((integer) => integer - ZERO_INTEGER)).toEqual([
    3, 0, 2, 4, 0, 3, -6, 0, 0,
  ]);
  // Steps of 2^-1 and 2^-3, whose exponents are 14 and 12.
  expect([...steps]).toEqual([13, 0, 11]);
});

test.each([
  ['a column of too many steps', [ONE, ONE + 4]],
  ['a subnormal number', [0x0200, ONE]],
  ['a step that would be subnormal', [0x0440, 0]],
  ['-0', [0x8000, ONE]],
  ['infinity', [0x7c00, ONE]],
  ['NaN', [0x7e00, ONE]],
])('%s has none', (_, words) => {
  expect(channelSteps(Uint16Array.from(words), 1)).toBeUndefined();
});

test('whatever has steps comes back to the bit', () => {
  const column = fc.record({
    step: fc.integer({min: 0, max: 23}),
    integers: fc.array(fc.integer({min: -127, max: 127}), {minLength: 6, maxLength: 6}),
  });
  fc.assert(
    fc.property(fc.array(column, {minLength: 1, maxLength: 5}), (columns) => {
      const parts = [
        Uint8Array.from(columns, ({step}) => step),
        Uint8Array.from({length: 6 * columns.length}, (_, i) => {
          return 128 + columns[i % columns.length].integers[Math.floor(i / columns.length)];
        }),
      ];
      const words = new Uint16Array(6 * columns.length);
      placeSteps(parts, words, columns.length);
      const found = channelSteps(words, columns.length)!;
      const again = new Uint16Array(words.length);
      const lengths = placeSteps([found.steps, found.integers], again, columns.length);
      expect(again).toEqual(words);
      expect(lengths).toEqual([columns.length, words.length]);
    }),
  );
});

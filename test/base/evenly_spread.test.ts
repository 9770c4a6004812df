import {evenlySpread} from '../../lib/base/evenly_spread';

it.each([
  [10, 5, [0, 2, 4, 6, 8]],
  [10, 4, [0, 2, 5, 7]],
  [3, 3, [0, 1, 2]],
  [3, 0, []],
])('of %d, %d are %j', (size, count, expected) => {
  expect([...evenlySpread(size, count)]).toEqual(expected);
});

import {meansName} from '../../lib/model/means_name';

it.each<[string | RegExp, string, boolean]>([
  ['conv', 'conv', true],
  ['conv', 'conv_1', false],
  [/^conv/, 'conv_1', true],
  [/^conv/, 'a/conv', false],
])('%p for %p: %p', (wanted, name, means) => {
  expect(meansName(wanted, name)).toBe(means);
});

it('means the same each time, also with the flag g', () => {
  const wanted = /conv/g;
  expect([1, 2, 3].map(() => meansName(wanted, 'conv'))).toEqual([true, true, true]);
});

import {listed} from '../../lib/base/listed';

it.each([
  [[], ''],
  [['a'], 'a'],
  [[...'abcde'], 'a, b, c, d, e'],
  [[...'abcdef'], 'a, b, c, d, e and 1 more'],
])('%p', (names, sentence) => {
  expect(listed(names)).toBe(sentence);
});

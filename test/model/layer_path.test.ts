import fc from 'fast-check';

import {closestName, deepestName, depthOfName} from '../../lib/model/layer_path';

describe('depthOfName', () => {
  it.each([
    ['dense', 'dense', 1],
    ['dense', 'dens', 0],
    ['dense', 'ense', 0],
    ['dense_1', 'dense', 0],
    ['encoder/dense', 'encoder', 1],
    ['encoder/dense', 'dense', 2],
    ['encoder/dense', 'encoder/dense', 2],
    ['encoder/dense', 'encoder/dens', 0],
    ['encoder/dense', 'coder/dense', 0],
    ['encoder/dense', 'dense/encoder', 0],
    ['a/b/c/d', 'b/c', 3],
    ['a/b/a', 'a', 3],
    ['a/a/b', 'a', 2],
    ['model/conv/bn', 'conv/bn', 3],
    ['a', '', 0],
    ['a', '/', 0],
  ])('in %s of %s is %s', (path, name, depth) => {
    expect(depthOfName(path, name)).toBe(depth);
  });

  it('is the number of names up to the end of the last run that is equal', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'ab'), {minLength: 1, maxLength: 6});
    fc.assert(
      fc.property(names, names, (path, name) => {
        let expected = 0;
        for (let i = 0; i + name.length <= path.length; ++i) {
          const run = path.slice(i, i + name.length);
          expected = run.join() === name.join() ? i + name.length : expected;
        }
        expect(depthOfName(path.join('/'), name.join('/'))).toBe(expected);
      }),
    );
  });
});

it('goes by the path where a name is deepest', () => {
  expect(deepestName(['a/b', 'c/d/b', 'e'], 'b')).toBe(3);
  expect(deepestName(['a'], 'b')).toBe(0);
  expect(deepestName([], 'b')).toBe(0);
});

it('finds the name that says most, the first of two that say as much', () => {
  const closest = (paths: string[], names: string[]) =>
    closestName(names, (name) => deepestName(paths, name));
  expect(closest(['a/b/c'], ['a', 'a/b', 'x'])).toBe('a/b');
  expect(closest(['a/b/c'], ['b/c', 'c', 'a'])).toBe('b/c');
  expect(closest(['a/b', 'c/d/b'], ['a/b', 'd'])).toBe('a/b');
  expect(closest(['a'], ['b'])).toBeUndefined();
});

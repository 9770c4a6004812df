import {PruningError} from '../../lib/base/errors';
import * as api from '../../lib/index';

class Named {}

describe('PruningError', () => {
  it.each<[string, unknown, string]>([
    ['a number', 1, '1'],
    ['NaN', NaN, 'NaN'],
    ['a string', '0.5', "'0.5'"],
    ['a phrase that begins with a name', "'a' of shape [3]", "'a' of shape [3]"],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a boolean', true, 'true'],
    ['a bigint', 5n, '5'],
    ['a symbol', Symbol('x'), 'Symbol(x)'],
    ['a list', [1, 'a'], '[1,"a"]'],
    ['an object', {a: 1}, '{"a":1}'],
    ['an object without a prototype', Object.assign(Object.create(null), {a: 1}), '{"a":1}'],
    ['an instance', new Named(), 'an instance of Named'],
    ['a function', function named() {}, 'the function named'],
    ['a function without a name', () => {}, 'the function (anonymous)'],
  ])('shows %s', (_name, received, shown) => {
    expect(new PruningError('argument', 'something else', received).message).toBe(
      `argument: expected something else, but got ${shown}.`,
    );
  });

  it.each<[string, () => unknown]>([
    [
      'refers to itself',
      () => {
        const list: unknown[] = [];
        list.push(list);
        return list;
      },
    ],
    ['holds a bigint', () => ({a: 5n})],
  ])('can be made of an object that %s', (_name, received) => {
    expect(() => new PruningError('argument', 'something else', received())).not.toThrow();
  });

  it('is an Error that says its name and the argument', () => {
    const error = new PruningError('sparsity', 'a number', 'x');
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('PruningError');
    expect(error.argument).toBe('sparsity');
    expect(String(error)).toBe("PruningError: sparsity: expected a number, but got 'x'.");
  });

  it('passes a cause on', () => {
    const cause = new Error('deeper');
    expect(new PruningError('a', 'b', 'c', {cause}).cause).toBe(cause);
    expect('cause' in new PruningError('a', 'b', 'c')).toBe(false);
  });

  it('is the one that the package exports', () => {
    expect(api.PruningError).toBe(PruningError);
  });
});

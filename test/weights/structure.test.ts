import {PruningError} from '../../lib/base/errors';
import {checkStructure, sparsityOf} from '../../lib/weights/structure';

describe('sparsityOf', () => {
  it('is 1 − n/m, and unknown for others', () => {
    expect(sparsityOf({n: 2, m: 4})).toBe(0.5);
    expect(sparsityOf({n: 1, m: 4})).toBe(0.75);
    expect(sparsityOf({block: [2, 2]})).toBeUndefined();
    expect(sparsityOf(undefined)).toBeUndefined();
  });
});

describe('checkStructure', () => {
  it.each([
    [{block: [1, 1]}],
    [{block: [Infinity, 4], pooling: 'max'}],
    [{block: [4, Infinity], pooling: 'avg'}],
    [{n: 2, m: 4}],
    [{n: 1, m: 2}],
    [{n: 1, m: 2, along: 'outputs'}],
    [{block: 'input'}],
    [{block: 'window', pooling: 'max'}],
  ])('takes %j', (structure) => expect(() => checkStructure(structure)).not.toThrow());

  it.each<[unknown, string]>([
    [null, 'structure: expected {block: [rows, columns], pooling} or {n, m}, but got null.'],
    ['2:4', "structure: expected {block: [rows, columns], pooling} or {n, m}, but got '2:4'."],
    [
      {block: [2]},
      "structure.block: expected [rows, columns] of at least 1, or Infinity; 'input' or 'window', but got [2].",
    ],
    [
      {block: [2, 2, 2]},
      "structure.block: expected [rows, columns] of at least 1, or Infinity; 'input' or 'window', but got [2,2,2].",
    ],
    [
      {block: 2},
      "structure.block: expected [rows, columns] of at least 1, or Infinity; 'input' or 'window', but got 2.",
    ],
    [{block: [0, 2]}, 'structure.block: expected [rows, columns] of at least 1, or Infinity'],
    [{block: [2, -1]}, 'structure.block: expected [rows, columns] of at least 1, or Infinity'],
    [{block: [1.5, 1]}, 'structure.block: expected [rows, columns] of at least 1, or Infinity'],
    [{block: [NaN, 1]}, 'structure.block: expected [rows, columns] of at least 1, or Infinity'],
    [
      {block: [-Infinity, 1]},
      'structure.block: expected [rows, columns] of at least 1, or Infinity',
    ],
    [{block: ['2', 1]}, 'structure.block: expected [rows, columns] of at least 1, or Infinity'],
    [{block: [2, 2], pooling: 'sum'}, "structure.pooling: expected 'avg' or 'max', but got 'sum'."],
    [{block: 'output'}, "'input' or 'window', but got 'output'."],
    [{block: 'input', along: 'inputs'}, "but got 'along'."],
    [{n: 1, m: 2, along: 'rows'}, "structure.along: expected 'inputs' or 'outputs'"],
    [{block: [2, 2], n: 2}, "but got 'n'."],
    [{n: 4, m: 4}, 'structure.n: expected less than m (4), but got 4.'],
    [{n: 5, m: 4}, 'structure.n: expected less than m (4), but got 5.'],
    [{n: 0, m: 4}, 'structure.n: expected an integer of at least 1, but got 0.'],
    [{n: -1, m: 4}, 'structure.n: expected an integer of at least 1, but got -1.'],
    [{n: 1, m: 0}, 'structure.m: expected an integer of at least 2, but got 0.'],
    [{n: 1, m: -4}, 'structure.m: expected an integer of at least 2, but got -4.'],
    [{n: 1.5, m: 4}, 'structure.n: expected an integer of at least 1, but got 1.5.'],
    [{n: 1, m: NaN}, 'structure.m: expected an integer of at least 2, but got NaN.'],
    [{n: 2}, 'structure.m: expected an integer of at least 2, but got undefined.'],
    [{}, 'structure.m: expected an integer of at least 2, but got undefined.'],
    [{n: 2, m: 4, pooling: 'avg'}, "but got 'pooling'."],
  ])('refuses %j', (structure, message) => {
    expect(() => checkStructure(structure)).toThrow(PruningError);
    expect(() => checkStructure(structure)).toThrow(message);
  });
});

import {PruningError} from '../../lib/base/errors';
import {piecewiseConstant} from '../../lib/schedule/piecewise';

const STEPS: [number, number][] = [
  [2, 0.5],
  [5, 0.8],
  [9, 0.9],
];

it('has each sparsity from its step on', () => {
  expect([0, 1, 2, 4, 5, 8, 9, 100].map(piecewiseConstant(STEPS))).toEqual([
    0, 0, 0.5, 0.5, 0.8, 0.8, 0.9, 0.9,
  ]);
});

it('updates at its steps', () => {
  expect(piecewiseConstant(STEPS).updates).toMatchObject({beginStep: 2, endStep: 9, at: [2, 5, 9]});
});

it('rises in the same proportion for a layer of its own', () => {
  const own = piecewiseConstant(STEPS).to(0.45);
  [0.25, 0.4, 0.45].forEach((wanted, i) => expect(own(STEPS[i][0])).toBeCloseTo(wanted, 12));
});

it.each<[string, unknown, string]>([
  ['nothing', undefined, 'steps'],
  ['an empty list', [], 'steps'],
  ['a list of numbers', [0.5, 0.8], 'steps'],
  [
    'steps out of order',
    [
      [5, 0.5],
      [5, 0.6],
    ],
    'steps[1][0]',
  ],
  ['half a step', [[0.5, 0.5]], 'steps[0][0]'],
  ['a sparsity of 1', [[0, 1]], 'steps[0][1]'],
  [
    'a sparsity that falls',
    [
      [0, 0.5],
      [5, 0.4],
    ],
    'steps[1][1]',
  ],
])('refuses %s', (_what, steps, argument) => {
  const make = () => piecewiseConstant(steps as [number, number][]);
  expect(make).toThrow(PruningError);
  expect(make).toThrow(`${argument}: expected`);
});

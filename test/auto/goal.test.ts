import {checkGoal, limitOf, type GoalArgs} from '../../lib/auto/goal';

describe('limitOf', () => {
  it.each([
    // Two standard errors of 100 wrong of 10,000 are 0.002.
    [0.01, 0.99, 10000, 0.005],
    [0.003, 0.99, 10000, 0.001],
    [0.002, 0.99, 10000, 0],
    [0.001, 0.9, 100, 0],
    [0, 0.99, 10000, 0],
    [0.1, 1, 100, 0.05],
    [0.1, null, 0, 0.05],
  ])('%s of %s on %s samples is %s', (maxDrop, baseline, samples, limit) => {
    expect(limitOf(maxDrop, baseline, samples)).toBeCloseTo(limit, 12);
  });
});

describe('checkGoal', () => {
  it.each(['maxDrop', 'sparsity', 'size', 'macs', 'millis'])('takes %s alone', (name) => {
    expect(() => checkGoal({[name]: 0.5})).not.toThrow();
    expect(() => checkGoal({[name]: 0.5, maxDrop: 0.1, sparsity: 0.5})).toThrow('one of them');
  });

  it.each<[GoalArgs, string]>([
    [{}, "maxDrop, sparsity, size, macs, millis: expected one of them, but got 'none'"],
    [{macs: 0}, 'macs: expected a number of multiply-accumulates above 0, but got 0'],
    [{macs: NaN}, 'macs: expected a number of multiply-accumulates above 0'],
    [{millis: -1}, 'millis: expected a number of milliseconds above 0, but got -1'],
    [{millis: '2' as never}, 'millis: expected a number of milliseconds above 0'],
  ])('refuses %j', (goal, message) => {
    expect(() => checkGoal(goal)).toThrow(message);
  });
});

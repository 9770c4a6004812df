import {prunerArgs, round, type Setting} from '../../lib/auto/candidate';

const setting = (stepsPerEpoch: number): Setting => ({
  granularity: 'weight',
  layers: [{name: 'a', size: 10}],
  leftAlone: ['b/kernel'],
  sensitivity: {
    granularity: 'weight',
    metric: 'loss',
    baseline: 1,
    layers: [{name: 'a', size: 10, points: [{sparsity: 0.5, metric: 1.1}]}],
  },
  isLoss: true,
  stepsPerEpoch,
  seed: 7,
});

const candidate = (rise: number, epochs: number) => {
  return {allocation: 'global', scoring: 'magnitude', rise, sparsity: 0.9, epochs} as const;
};

it.each([
  // Rise, epochs, steps of an epoch; end 0.6·3·6 = 10.8, and an update in 20th of an epoch.
  [0.6, 3, 6, 10, 1],
  [0.85, 1, 59, 50, 2],
  [0.6, 1, 1, 1, 1],
  [0.5, 2, 100, 100, 5],
])('rounds steps down: %s of %s epochs of %s', (rise, epochs, steps, endStep, frequency) => {
  const args = prunerArgs(candidate(rise, epochs), setting(steps));
  expect(args).toMatchObject({endStep, frequency, beginStep: 0, seed: 7, layers: ['a']});
  expect([args.initialSparsity, args.finalSparsity]).toEqual([0.45, 0.9]);
});

it.each([
  [0.123456, 0.12346],
  [0.999999, 0.99999],
  [0, 0],
])('rounds %s to %s', (sparsity, expected) => {
  expect(round(sparsity)).toBe(expected);
});

it('says of layers that are not asked for that they stay, where each has a sparsity of its own', () => {
  const spread = prunerArgs({...candidate(0.6, 3), allocation: 'sensitivity'}, setting(6));
  expect(spread.layers).toEqual({a: 0.9, 'b/kernel': false});
});

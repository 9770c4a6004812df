import {prunerArgs, round, type Setting} from '../../lib/auto/candidate';

const setting = (stepsPerEpoch: number): Setting => ({
  granularity: 'weight',
  layers: [{name: 'a', size: 10}],
  sensitivity: {granularity: 'weight', metric: 'loss', baseline: 1, layers: []},
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

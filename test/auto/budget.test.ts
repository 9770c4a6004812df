import fc from 'fast-check';

import {Budget} from '../../lib/auto/budget';

describe('Budget', () => {
  it('counts epochs', () => {
    const budget = new Budget({}, 3, 0);
    expect([budget.epochs, budget.epochsLeft, budget.secondsPerEpoch]).toEqual([18, 18, 0]);
    budget.spend({epochs: 3}, 6);
    expect([budget.epochsDone, budget.epochsLeft, budget.secondsPerEpoch]).toEqual([3, 15, 2]);
  });

  it('counts minutes, by what an epoch took so far', () => {
    const budget = new Budget({minutes: 1}, 3, 10);
    expect(budget.epochsLeft).toBe(18);
    budget.spend({epochs: 2}, 20);
    // 60 − 10 − 20 seconds are left, of 10 an epoch.
    expect(budget.epochsLeft).toBe(3);
    budget.spend({epochs: 3}, 40);
    expect(budget.epochsLeft).toBe(0);
  });
  it.each([
    [29.99, 2],
    [30, 3],
    [39.99, 3],
    [9.99, 0],
    [-1, 0],
  ])('counts whole epochs in %s seconds of 10 each: %s', (left, epochs) => {
    const budget = new Budget({minutes: 1}, 3, 40 - left);
    budget.spend({epochs: 2}, 20);
    expect(budget.epochsLeft).toBe(epochs);
  });

  it('never promises more than there is', () => {
    const seconds = fc.double({min: 0.01, max: 1000, noNaN: true});
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 50}),
        seconds,
        fc.array(fc.tuple(fc.integer({min: 1, max: 9}), seconds), {minLength: 1, maxLength: 6}),
        (epochs, minutes, trials) => {
          const budget = new Budget({epochs, minutes}, 1, 0);
          let [spent, done] = [0, 0];
          for (const [trial, took] of trials) {
            budget.spend({epochs: trial}, took);
            spent += took;
            done += trial;
          }
          const {epochsLeft} = budget;
          expect(Number.isInteger(epochsLeft)).toBe(true);
          expect(epochsLeft).toBeLessThanOrEqual(Math.max(0, epochs - done));
          const within = spent + (epochsLeft * spent) / done;
          expect(epochsLeft === 0 || within <= 60 * minutes * (1 + 1e-9)).toBe(true);
        },
      ),
    );
  });
});

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
});

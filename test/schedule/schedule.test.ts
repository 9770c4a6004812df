import fc from 'fast-check';

import {
  constantSparsity,
  isUpdateStep,
  lastUpdateStep,
  polynomialDecay,
} from '../../lib/schedule/schedule';

const steps = (last: number) => [...Array(last + 1).keys()];

describe('polynomialDecay', () => {
  it('is 0.5, 0.85, 0.9 at the begin, half-way and at the end of a cubic decay', () => {
    expect([0, 50, 100].map(polynomialDecay(0.5, 0.9, 0, 100, 3))).toEqual([0.5, 0.85, 0.9]);
  });

  it('is a straight line for power 1', () => {
    const schedule = polynomialDecay(0, 0.8, 10, 14, 1);
    const wanted = [0, 0, 0.2, 0.4, 0.6, 0.8, 0.8, 0.8];
    [8, 10, 11, 12, 13, 14, 15, 1000].forEach((step, i) =>
      expect(schedule(step)).toBeCloseTo(wanted[i], 12),
    );
  });

  it('is cubic for power 3', () => {
    // left = 3/4, 1/2, 1/4: 0.8·(1 − left³).
    const schedule = polynomialDecay(0, 0.8, 0, 4, 3);
    [0, 0.4625, 0.7, 0.7875, 0.8].forEach((wanted, step) =>
      expect(schedule(step)).toBeCloseTo(wanted, 12),
    );
  });

  it.each([1, 2, 3, 0.5])('equals the formula at every step, power %p', (power) => {
    const [initial, final, begin, end] = [0.2, 0.95, 7, 1003];
    const schedule = polynomialDecay(initial, final, begin, end, power);
    for (let t = begin; t <= end; ++t) {
      const wanted = final + (initial - final) * Math.pow(1 - (t - begin) / (end - begin), power);
      expect(Math.abs(schedule(t) - wanted)).toBeLessThan(1e-6);
    }
  });

  it('is 0 one step before the begin and the initial sparsity at it', () => {
    expect([9, 10].map(polynomialDecay(0.5, 0.9, 10, 20, 3))).toEqual([0, 0.5]);
  });

  it('is below the final sparsity one step before the end, and it at and after the end', () => {
    const [before, at, after] = [19, 20, 21].map(polynomialDecay(0.5, 0.9, 10, 20, 1));
    expect(before).toBeCloseTo(0.86, 12);
    expect([at, after]).toEqual([0.9, 0.9]);
  });

  it('is the final sparsity at once where begin equals end', () => {
    expect([4, 5, 6].map(polynomialDecay(0.1, 0.7, 5, 5, 3))).toEqual([0, 0.7, 0.7]);
  });

  it('falls where the final sparsity is the lower one', () => {
    expect([0, 5, 10].map(polynomialDecay(0.8, 0.4, 0, 10, 1))).toEqual([
      0.8, 0.6000000000000001, 0.4,
    ]);
  });

  it('stays between initial and final and never turns back', () => {
    const sparsity = fc.double({min: 0, max: 0.999, noNaN: true});
    fc.assert(
      fc.property(
        sparsity,
        sparsity,
        fc.nat(50),
        fc.nat(60),
        fc.double({min: 0.1, max: 8, noNaN: true}),
        (initial, final, begin, length, power) => {
          const schedule = polynomialDecay(initial, final, begin, begin + length, power);
          const all = steps(length).map((step) => schedule(begin + step));
          const [low, high] = [Math.min(initial, final), Math.max(initial, final)];
          all.forEach((value, i) => {
            expect(value).toBeGreaterThanOrEqual(low - 1e-12);
            expect(value).toBeLessThanOrEqual(high + 1e-12);
            const turn = (value - (all[i - 1] ?? value)) * Math.sign(final - initial);
            expect(turn).toBeGreaterThanOrEqual(-1e-12);
          });
        },
      ),
    );
  });
});

describe('constantSparsity', () => {
  it('is 0 before the begin and the target from it on', () => {
    expect([0, 9, 10, 11, 1e6].map(constantSparsity(0.5, 10))).toEqual([0, 0, 0.5, 0.5, 0.5]);
  });
});

describe('isUpdateStep', () => {
  it.each([
    ['a length that is no multiple of the frequency', 2, 9, 3, [2, 5, 8, 9]],
    ['a length that is a multiple of it', 2, 8, 3, [2, 5, 8]],
    ['a begin that equals the end', 4, 4, 3, [4]],
    ['a frequency longer than the schedule', 3, 6, 100, [3, 6]],
    ['a frequency of 1', 3, 6, 1, [3, 4, 5, 6]],
    ['a begin at 0', 0, 4, 2, [0, 2, 4]],
    ['no end', 3, Infinity, 4, [3, 7, 11]],
  ])('with %s', (_name, beginStep, endStep, frequency, wanted) => {
    const updates = {beginStep, endStep, frequency};
    expect(steps(12).filter((step) => isUpdateStep(updates, step))).toEqual(wanted);
  });

  it('holds at begin, begin + k·frequency and end, and nowhere else', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(30), fc.integer({min: 1, max: 12}), (begin, length, every) => {
        const updates = {beginStep: begin, endStep: begin + length, frequency: every};
        const wanted = new Set([begin + length]);
        for (let step = begin; step <= begin + length; step += every) {
          wanted.add(step);
        }
        const found = steps(70).filter((step) => isUpdateStep(updates, step));
        expect(new Set(found)).toEqual(wanted);
      }),
    );
  });
});

describe('lastUpdateStep', () => {
  it('is null before the begin', () => {
    expect(lastUpdateStep({beginStep: 3, endStep: 9, frequency: 2}, 2)).toBeNull();
  });

  it.each([
    [1, 1],
    [2, 1],
    [8, 7],
    [9, 9],
    [10, 10],
    [11, 10],
    [1000, 10],
  ])('at step %p of 1, 3, … 9 and 10 is %p', (step, wanted) => {
    expect(lastUpdateStep({beginStep: 1, endStep: 10, frequency: 2}, step)).toBe(wanted);
  });

  it('is the latest update step that is not after the step', () => {
    fc.assert(
      fc.property(
        fc.nat(10),
        fc.oneof(fc.nat(20), fc.constant(Infinity)),
        fc.integer({min: 1, max: 8}),
        fc.nat(45),
        (beginStep, length, frequency, step) => {
          const updates = {beginStep, endStep: beginStep + length, frequency};
          const all = steps(step).filter((candidate) => isUpdateStep(updates, candidate));
          expect(lastUpdateStep(updates, step)).toBe(all.at(-1) ?? null);
        },
      ),
    );
  });
});

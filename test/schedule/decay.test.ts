import fc from 'fast-check';

import {PruningError} from '../../lib/base/errors';
import {exponentialDecay, polynomialDecay, type DecayArgs} from '../../lib/schedule/decay';

const steps = (last: number) => [...Array(last + 1).keys()];
const RISING = {initialSparsity: 0.5, finalSparsity: 0.9, beginStep: 0, endStep: 100};

function cubic(
  initialSparsity: number,
  finalSparsity: number,
  beginStep: number,
  endStep: number,
  power: number,
) {
  return polynomialDecay({initialSparsity, finalSparsity, beginStep, endStep, power});
}

describe('polynomialDecay', () => {
  it('is 0.5, 0.85, 0.9 at the begin, half-way and at the end of a cubic decay', () => {
    expect([0, 50, 100].map(cubic(0.5, 0.9, 0, 100, 3))).toEqual([0.5, 0.85, 0.9]);
  });

  it('is a straight line for power 1', () => {
    const schedule = cubic(0, 0.8, 10, 14, 1);
    const wanted = [0, 0, 0.2, 0.4, 0.6, 0.8, 0.8, 0.8];
    [8, 10, 11, 12, 13, 14, 15, 1000].forEach((step, i) =>
      expect(schedule(step)).toBeCloseTo(wanted[i], 12),
    );
  });

  it('is cubic for power 3', () => {
    // left = 3/4, 1/2, 1/4: 0.8·(1 − left³).
    const schedule = cubic(0, 0.8, 0, 4, 3);
    [0, 0.4625, 0.7, 0.7875, 0.8].forEach((wanted, step) =>
      expect(schedule(step)).toBeCloseTo(wanted, 12),
    );
  });

  it.each([1, 2, 3, 0.5])('equals the formula at every step, power %p', (power) => {
    const [initial, final, begin, end] = [0.2, 0.95, 7, 1003];
    const schedule = cubic(initial, final, begin, end, power);
    for (let t = begin; t <= end; ++t) {
      const wanted = final + (initial - final) * Math.pow(1 - (t - begin) / (end - begin), power);
      expect(Math.abs(schedule(t) - wanted)).toBeLessThan(1e-6);
    }
  });

  it('is 0 one step before the begin and the initial sparsity at it', () => {
    expect([9, 10].map(cubic(0.5, 0.9, 10, 20, 3))).toEqual([0, 0.5]);
  });

  it('is below the final sparsity one step before the end, and it at and after the end', () => {
    const [before, at, after] = [19, 20, 21].map(cubic(0.5, 0.9, 10, 20, 1));
    expect(before).toBeCloseTo(0.86, 12);
    expect([at, after]).toEqual([0.9, 0.9]);
  });

  it('is the final sparsity at once where begin equals end', () => {
    expect([4, 5, 6].map(cubic(0.1, 0.7, 5, 5, 3))).toEqual([0, 0.7, 0.7]);
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
        (one, other, begin, length, power) => {
          const [initial, final] = [Math.min(one, other), Math.max(one, other)];
          const schedule = cubic(initial, final, begin, begin + length, power);
          const all = steps(length).map((step) => schedule(begin + step));
          all.forEach((value, i) => {
            expect(value).toBeGreaterThanOrEqual(initial - 1e-12);
            expect(value).toBeLessThanOrEqual(final + 1e-12);
            const turn = value - (all[i - 1] ?? value);
            expect(turn).toBeGreaterThanOrEqual(-1e-12);
          });
        },
      ),
    );
  });
});

describe('exponentialDecay', () => {
  it('removes the same share of what is left in each step', () => {
    const schedule = exponentialDecay({
      initialSparsity: 0,
      finalSparsity: 1 - 0.8 ** 10,
      beginStep: 5,
      endStep: 15,
    });
    expect(schedule(4)).toBe(0);
    steps(10).forEach((i) => expect(schedule(5 + i)).toBeCloseTo(1 - 0.8 ** i, 12));
    expect(schedule(1000)).toBe(1 - 0.8 ** 10);
  });
});

describe.each([
  ['polynomialDecay', polynomialDecay],
  ['exponentialDecay', exponentialDecay],
])('%s', (name, decay) => {
  it('updates from begin to end, every 100 steps unless told', () => {
    expect(decay(RISING).updates).toEqual({beginStep: 0, endStep: 100, frequency: 5});
    expect(decay({...RISING, frequency: 7}).updates.frequency).toBe(7);
  });

  it('for a layer that prunes less starts at no more than its end', () => {
    expect([0, 100].map(decay(RISING).to(0.3))).toEqual([0.3, 0.3]);
    expect([0, 100].map(decay(RISING).to(0.7))).toEqual([0.5, 0.7]);
  });

  it.each<[string, object, string]>([
    ['a sparsity of 1', {finalSparsity: 1}, 'finalSparsity'],
    ['a negative one', {initialSparsity: -0.1}, 'initialSparsity'],
    ['one that falls', {initialSparsity: 0.8, finalSparsity: 0.2}, 'finalSparsity'],
    ['half a step', {beginStep: 0.5}, 'beginStep'],
    ['an end before the begin', {beginStep: 9, endStep: 8}, 'endStep'],
    ['a frequency of 0', {frequency: 0}, 'frequency'],
    ['an unknown option', {fequency: 2}, name],
  ])('refuses %s', (_what, args, argument) => {
    const make = () => decay({...RISING, ...args} as DecayArgs);
    expect(make).toThrow(PruningError);
    expect(make).toThrow(`${argument}: expected`);
  });
});

import {PruningError} from '../../lib/base/errors';
import {resolveSchedule, type ScheduleArgs} from '../../lib/schedule/choose';
import {polynomialDecay} from '../../lib/schedule/decay';
import {piecewiseConstant} from '../../lib/schedule/piecewise';

const DECAY = {initialSparsity: 0.5, finalSparsity: 0.9, beginStep: 0, endStep: 100};

it('is a polynomial decay where there is no other', () => {
  const schedule = resolveSchedule(DECAY);
  expect([0, 50, 100].map(schedule)).toEqual([0, 50, 100].map(polynomialDecay(DECAY)));
});

it('takes a schedule that is undefined for none', () => {
  const schedule = resolveSchedule({...DECAY, schedule: undefined} as never);
  expect(schedule(50)).toBe(polynomialDecay(DECAY)(50));
});

it('is the schedule that was given', () => {
  const schedule = piecewiseConstant([[3, 0.5]]);
  expect(resolveSchedule({schedule})).toBe(schedule);
});

describe('a function', () => {
  const rising = (step: number) => Math.min(0.8, step / 10);

  it('is asked from the begin to the end, by the frequency', () => {
    const args = {schedule: rising, beginStep: 2, endStep: 20, frequency: 3};
    const schedule = resolveSchedule(args);
    expect(schedule.updates).toEqual({beginStep: 2, endStep: 20, frequency: 3});
    expect([0, 4, 20].map(schedule)).toEqual([0, 0.4, 0.8]);
  });

  it('begins at once and has no end unless told', () => {
    const {updates} = resolveSchedule({schedule: rising});
    expect(updates).toEqual({beginStep: 0, endStep: Infinity, frequency: 100});
  });

  it('gives a layer of its own the same share of its final sparsity', () => {
    const own = resolveSchedule({schedule: rising, endStep: 20}).to(0.4);
    [0, 0.2, 0.4, 0.4].forEach((wanted, i) =>
      expect(own([0, 4, 8, 20][i])).toBeCloseTo(wanted, 12),
    );
  });

  it('without an end has no final sparsity to give a share of', () => {
    expect(() => resolveSchedule({schedule: rising}).to(0.4)).toThrow(/^layers: expected/);
  });

  it.each([1, -0.1, NaN, '0.5', undefined])('that gives %p is refused when asked', (value) => {
    const schedule = resolveSchedule({schedule: () => value as number});
    expect(() => schedule(7)).toThrow(PruningError);
    expect(() => schedule(7)).toThrow(/^schedule\(7\): expected a number in \[0, 1\)/);
  });
});

it.each<[string, object, string]>([
  ['a number', {schedule: 0.5}, 'schedule'],
  ['a name', {schedule: 'cubic'}, 'schedule'],
  [
    'a begin beside a schedule that has one',
    {schedule: piecewiseConstant([[0, 0.5]]), beginStep: 2},
    'beginStep',
  ],
  ['a sparsity beside a function', {schedule: () => 0.5, finalSparsity: 0.9}, 'finalSparsity'],
  ['an exponent beside a function', {schedule: () => 0.5, power: 2}, 'power'],
])('refuses %s', (_what, args, argument) => {
  expect(() => resolveSchedule(args as ScheduleArgs)).toThrow(PruningError);
  expect(() => resolveSchedule(args as ScheduleArgs)).toThrow(`${argument}: expected`);
});

import fc from 'fast-check';

import {
  areFew,
  countUpdates,
  goalOf,
  isLikeEpochs,
  isUpdateStep,
  lastUpdateStep,
  usualFrequency,
} from '../../lib/schedule/updates';

const steps = (last: number) => [...Array(last + 1).keys()];

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

describe('updates at steps of a list', () => {
  const updates = {beginStep: 2, endStep: 9, frequency: 1, at: [2, 5, 9]};

  it('are made there and nowhere else', () => {
    expect(steps(12).filter((step) => isUpdateStep(updates, step))).toEqual([2, 5, 9]);
  });

  it.each([
    [1, null],
    [2, 2],
    [4, 2],
    [5, 5],
    [8, 5],
    [100, 9],
  ])('at step %p the last one is %p', (step, wanted) => {
    expect(lastUpdateStep(updates, step)).toBe(wanted);
  });
});

describe('usualFrequency', () => {
  it.each([
    [0, 0, 1],
    [0, 10, 1],
    [0, 144, 7],
    [100, 2100, 100],
    [0, 1e6, 100],
    [0, Infinity, 100],
  ])('from %d to %d', (begin, end, frequency) => {
    expect(usualFrequency(begin, end)).toBe(frequency);
  });

  it('gives twenty updates, or one each step', () => {
    for (let length = 0; length < 3000; length += 7) {
      const frequency = usualFrequency(5, 5 + length);
      const count = countUpdates({beginStep: 5, endStep: 5 + length, frequency});
      expect(count).toBeGreaterThanOrEqual(Math.min(20, length + 1));
    }
  });

  it('is counted as updates are made', () => {
    for (const every of [
      {beginStep: 2, endStep: 9, frequency: 3},
      {beginStep: 0, endStep: 9, frequency: 3},
    ]) {
      const steps = [...Array(20).keys()].filter((step) => isUpdateStep(every, step));
      expect(countUpdates(every)).toBe(steps.length);
    }
  });
});

it('seven updates are few, eight are not', () => {
  expect(areFew({beginStep: 0, endStep: 60, frequency: 10})).toBe(true);
  expect(areFew({beginStep: 0, endStep: 61, frequency: 10})).toBe(false);
  expect(areFew({beginStep: 0, endStep: Infinity, frequency: 10})).toBe(false);
});

it.each([
  [20, 1, true],
  [21, 1, false],
  [40, 20, true],
  [41, 20, false],
])('%d steps are like %d epochs: %p', (steps, epochs, expected) => {
  expect(isLikeEpochs(steps, epochs)).toBe(expected);
});

it('the goal of a schedule is its end, or its begin where it has none', () => {
  expect(goalOf({beginStep: 2, endStep: 9, frequency: 1})).toBe(9);
  expect(goalOf({beginStep: 2, endStep: Infinity, frequency: 1})).toBe(2);
});

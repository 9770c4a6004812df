import {check, checkInteger} from '../base/check';
import {isSchedule, type Schedule} from './schedule';

/** When cycles begin, and where the last one ends. */
export interface Cycles {
  /** In rising order, the first at 0. */
  readonly starts: readonly number[];
  readonly end: number;
}

/**
 * The cycles that go with a pruning schedule: one from step 0, and one from each
 * change of the sparsity; of a schedule that is gradual, from its end.
 *
 * @param schedule A schedule, or the steps at which cycles begin.
 * @throws PruningError for anything else, and for an end that is not after the last begin.
 */
export function cyclesOf(schedule: Schedule | readonly number[], endStep: number): Cycles {
  const expected = 'a schedule such as piecewiseConstant(...), or a list of steps';
  const isOwn = typeof schedule === 'function' && isSchedule(schedule);
  check(isOwn || Array.isArray(schedule), 'schedule', expected, schedule);
  const {updates} = schedule as Schedule;
  const given = isOwn ? (updates.at ?? [updates.endStep]) : (schedule as readonly number[]);
  given.forEach((step, i) => checkInteger(`schedule[${i}]`, step, i === 0 ? 0 : given[i - 1] + 1));
  const starts = given[0] === 0 ? given : [0, ...given];
  checkInteger('endStep', endStep, starts[starts.length - 1] + 1);
  return {starts, end: endStep};
}

/**
 * The share of the learning rate after `step` steps: from 1 at the start of a cycle
 * down to `last` at its end, by half a cosine (Loshchilov & Hutter 2017,
 * https://arxiv.org/abs/1608.03983).
 *
 * @example
 * const cycles = {starts: [0, 10], end: 30};
 * [0, 5, 10, 20, 30].map((step) => cycleShare(cycles, step, 0)); //=> [1, 0.5, 1, 0.5, 0]
 */
export function cycleShare({starts, end}: Cycles, step: number, last: number): number {
  const ends = [...starts.slice(1), end];
  const i = ends.findIndex((each) => step < each);
  if (i < 0) {
    return last;
  }
  const done = (step - starts[i]) / (ends[i] - starts[i]);
  return last + ((1 - last) * (1 + Math.cos(Math.PI * done))) / 2;
}

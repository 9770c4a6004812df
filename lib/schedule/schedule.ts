import {check} from '../base/check';
import type {UpdateSteps} from './updates';

/** The sparsity after a number of optimizer steps (or epochs), in [0, 1). */
export type SparsityFunction = (step: number) => number;

/** A function from a step to a sparsity, which also knows when to update the masks. */
export interface Schedule extends SparsityFunction {
  /** When masks are updated. */
  readonly updates: UpdateSteps;
  /** Returns the same schedule with another final sparsity, for a layer that has its own. */
  readonly to: (finalSparsity: number) => Schedule;
}

/** A schedule made of its parts. */
export function scheduleOf(
  sparsity: SparsityFunction,
  updates: UpdateSteps,
  to: (finalSparsity: number) => Schedule,
): Schedule {
  return Object.assign((step: number) => sparsity(step), {updates, to});
}

/** Whether `value` is a schedule that knows when to update, and not any function. */
export function isSchedule(value: SparsityFunction): value is Schedule {
  return 'updates' in value && 'to' in value;
}

/**
 * A function of the user's as a schedule. A layer with a final sparsity of its
 * own gets the same share of it at each step.
 */
export function scheduleFrom(sparsity: SparsityFunction, updates: UpdateSteps): Schedule {
  const checked = (step: number) => {
    const value: unknown = sparsity(step);
    const isSparsity = typeof value === 'number' && value >= 0 && value < 1;
    check(isSparsity, `schedule(${step})`, 'a number in [0, 1)', value);
    return value;
  };
  return scheduleOf(checked, updates, (finalSparsity) => {
    const {endStep} = updates;
    const expected = 'no sparsities of single layers, or a schedule with an endStep';
    check(Number.isFinite(endStep), 'layers', expected, finalSparsity);
    const last = checked(endStep);
    const share = last === 0 ? 0 : finalSparsity / last;
    return scheduleFrom((step) => Math.min(sparsity(step) * share, finalSparsity), updates);
  });
}

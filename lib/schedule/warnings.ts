import type {ScheduleUnit} from './position';
import type {SparsityFunction} from './schedule';
import {lastUpdateStep, type UpdateSteps} from './updates';

/** When a callback that follows a schedule prunes, and how much. */
export interface Scheduled {
  readonly unit: ScheduleUnit;
  readonly updates: UpdateSteps;
  /** `null` where the sparsity follows from a cut. */
  readonly schedule: SparsityFunction | null;
}

/** Warns where training of `owner` begins past `beginStep`, as with a model that was just trained. */
export function warnOfLateBegin(
  owner: string,
  {unit, updates, schedule}: Scheduled,
  step: number,
): void {
  const {beginStep, endStep} = updates;
  if (unit === 'epoch' || step <= beginStep || endStep === Infinity) {
    return;
  }
  const there = schedule ? `there, at a sparsity of ${schedule(step).toFixed(4)},` : 'there';
  console.warn(
    `${owner}: the optimizer has done ${step} steps since compile(), so pruning starts ${there} ` +
      `and not at beginStep (${beginStep}). Compile the model again to count from 0, or add ` +
      `${step} to beginStep and endStep.`,
  );
}

/**
 * Warns where training ends at `position`, before all updates that matter.
 *
 * @param owner The callback's class.
 * @param schedules Those of the single weights, which may differ.
 * @param sparsity What was reached.
 */
export function warnOfEarlyEnd(
  owner: string,
  {unit, updates, schedule}: Scheduled,
  position: number,
  schedules: readonly SparsityFunction[],
  sparsity: number,
): void {
  const {beginStep, endStep} = updates;
  const [name, goal] = Number.isFinite(endStep) ? ['endStep', endStep] : ['beginStep', beginStep];
  const last = lastUpdateStep(updates, position);
  const isBehind = (each: SparsityFunction) => (last === null ? 0 : each(last)) < each(goal);
  if (position >= goal || (schedule !== null && !schedules.some(isBehind))) {
    return;
  }
  const missing = goal - position;
  console.warn(
    `${owner}: training ended ${missing} ${unit}${missing === 1 ? '' : 's'} before ${name} ` +
      `(${goal}); the sparsity is ${sparsity.toFixed(4)}` +
      `${schedule ? `, not ${schedule(goal)}` : ''}. Train longer, or lower ${name}.`,
  );
}

import type {ScheduleUnit} from '../../schedule/position';
import type {SparsityFunction} from '../../schedule/schedule';
import {
  areFew,
  countUpdates,
  goalOf,
  isLikeEpochs,
  lastUpdateStep,
  type UpdateSteps,
} from '../../schedule/updates';

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
 * @param schedules One for each weight.
 * @param sparsity What was reached; `null` where training has yet to begin.
 * @returns Whether it does.
 */
export function warnOfEarlyEnd(
  owner: string,
  {unit, updates, schedule}: Scheduled,
  position: number,
  schedules: readonly SparsityFunction[],
  sparsity: number | null,
): boolean {
  const goal = goalOf(updates);
  const name = Number.isFinite(updates.endStep) ? 'endStep' : 'beginStep';
  const last = lastUpdateStep(updates, position);
  const at = (each: SparsityFunction) => (last === null ? 0 : each(last));
  const isBehind = (each: SparsityFunction) => at(each) < each(goal);
  if (position >= goal || (schedule !== null && !schedules.some(isBehind))) {
    return false;
  }
  const missing = goal - position;
  const [ends, is, reached] =
    sparsity === null
      ? ['will end', 'will be', schedule ? at(schedule) : 0]
      : ['ended', 'is', sparsity];
  console.warn(
    `${owner}: training ${ends} ${missing} ${unit}${missing === 1 ? '' : 's'} before ${name} ` +
      `(${goal}); the sparsity ${is} ${reached.toFixed(4)}` +
      `${schedule ? `, not ${schedule(goal)}` : ''}. Train longer, or lower ${name}.`,
  );
  return true;
}

/** A schedule of fewer steps is too short for more updates. */
const SHORT = 20;

/**
 * Warns of a schedule that is likely to be mistaken, before it begins.
 *
 * @param fit The epochs of the training, and the steps of each if they are known.
 */
export function warnOfSchedule(
  owner: string,
  {unit, updates, schedule}: Scheduled,
  {epochs, steps}: {epochs: number; steps: number | null},
): void {
  const {beginStep, endStep, frequency} = updates;
  if (!schedule || endStep === Infinity || schedule(beginStep) >= schedule(endStep)) {
    return;
  }
  if (areFew(updates) && endStep - beginStep >= SHORT && frequency > 1) {
    console.warn(
      `${owner}: the sparsity rises in ${countUpdates(updates)} updates only. Lower frequency (${frequency}), or ` +
        `leave it out.`,
    );
  }
  if (unit === 'step' && steps !== null && areEpochs(endStep, epochs, steps)) {
    console.warn(
      `${owner}: endStep (${endStep}) is early in the first of ${epochs} epochs of ${steps} steps. ` +
        `Does it count epochs? Then set unit: 'epoch'.`,
    );
  }
}

/** Whether a number of steps is as small as one of epochs, and far too small for steps. */
function areEpochs(count: number, epochs: number, steps: number): boolean {
  return isLikeEpochs(count, epochs) && count <= 0.02 * epochs * steps && count <= steps / 2;
}

/** Warns where training ends before `lagging` batch normalizations have followed the weights. */
export function warnOfLag(owner: string, lagging: number): void {
  console.warn(
    `${owner}: ${lagging} batch normalization${lagging === 1 ? ' lags' : 's lag'} behind the last change of weights. ` +
      'Call recalibrateNormalization(model, {x}), or end pruning some steps earlier.',
  );
}

/** Warns where more is pruned already than the schedules of the single weights ask for. */
export function warnOfMore(
  owner: string,
  {updates}: Scheduled,
  schedules: readonly SparsityFunction[],
  sparsity: number,
): void {
  const goal = goalOf(updates);
  // Blocks and heads may have gone a little too far.
  if (schedules.length > 0 && schedules.every((each) => sparsity > each(goal) + 0.05)) {
    console.warn(
      `${owner}: the sparsity is ${sparsity.toFixed(4)} already, more than asked for. It stays so ` +
        `until releaseMasks(model).`,
    );
  }
}

/** Warns where two callbacks prune the same weights in one training. */
export function warnOfTwo(owner: string, other: string): void {
  console.warn(
    `${owner}: ${other} prunes the same weights, and the larger sparsity wins. Give them different layers.`,
  );
}

const notBegun = new WeakSet<object>();

/** Warns once where training never began, as in a loop of one's own. */
export function warnOfNoBegin(callback: object, owner: string, hook: string): void {
  if (!notBegun.has(callback)) {
    notBegun.add(callback);
    console.warn(
      `${owner}: ${hook}() without onTrainBegin() did nothing. Await both in your loop.`,
    );
  }
}

/** Warns where no update was due, since the optimizer's steps are not counted. */
export function warnOfNoCount(owner: string): void {
  console.warn(
    `${owner}: the optimizer does not count its steps, so no update was due. Its ` +
      `applyGradients must call this.incrementIterations().`,
  );
}

/** A share of zeros that training alone does not leave. */
const MANY = 0.3;

/** Warns of a pruned model that is trained on as if it was none. `zeros` is their share. */
export function warnOfZeros(owner: string, zeros: number): void {
  if (zeros > MANY) {
    console.warn(
      `${owner}: ${Math.round(100 * zeros)} % of the weights are zero without a mask. If they were ` +
        `pruned before, set resume: true, or training fills them.`,
    );
  }
}

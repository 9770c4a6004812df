/** When masks are updated: at `beginStep`, every `frequency` steps from it, and at `endStep`. */
export interface UpdateSteps {
  readonly beginStep: number;
  /** Last step with an update; `Infinity` for a schedule without an end. */
  readonly endStep: number;
  readonly frequency: number;
  /** The steps themselves, in rising order, where they follow no frequency. */
  readonly at?: readonly number[];
}

/**
 * The steps between two updates where none are given: of a twentieth of the way from
 * begin to end, but from 1 to 100.
 */
export function usualFrequency(beginStep: number, endStep: number): number {
  return Math.max(1, Math.min(100, Math.floor((endStep - beginStep) / 20)));
}

/** How many updates there are. */
export function countUpdates({beginStep, endStep, frequency, at}: UpdateSteps): number {
  return at ? at.length : Math.ceil((endStep - beginStep) / frequency) + 1;
}

/** Whether there are so few updates that a rising schedule is no gradual one. */
export function areFew(updates: UpdateSteps): boolean {
  return countUpdates(updates) < 8;
}

/** Whether a number of steps is as small as one of epochs, where there are `epochs`. */
export function isLikeEpochs(steps: number, epochs: number): boolean {
  return steps <= Math.max(20, 2 * epochs);
}

/** The step by which there is what a schedule is for. */
export function goalOf({beginStep, endStep}: UpdateSteps): number {
  return Number.isFinite(endStep) ? endStep : beginStep;
}

/**
 * Whether masks are updated once `step` optimizer steps are done.
 *
 * @example
 * const every = {beginStep: 2, endStep: 9, frequency: 3};
 * [...Array(12).keys()].filter((step) => isUpdateStep(every, step)); //=> [2, 5, 8, 9]
 */
export function isUpdateStep(
  {beginStep, endStep, frequency, at}: UpdateSteps,
  step: number,
): boolean {
  return at
    ? at.includes(step)
    : step >= beginStep &&
        step <= endStep &&
        ((step - beginStep) % frequency === 0 || step === endStep);
}

/** The last update step at or before `step`, or `null` before `beginStep`. */
export function lastUpdateStep(
  {beginStep, endStep, frequency, at}: UpdateSteps,
  step: number,
): number | null {
  if (step < beginStep) {
    return null;
  }
  if (at) {
    return at.filter((each) => each <= step).at(-1)!;
  }
  return step >= endStep ? endStep : step - ((step - beginStep) % frequency);
}

/**
 * How much, and when: pure functions from a step to a sparsity. A step is the
 * number of optimizer steps done (`optimizer.iterations`).
 */

/** Sparsity wanted after a number of optimizer steps, a number in [0, 1). */
export type SparsitySchedule = (step: number) => number;

/**
 * Polynomial decay of the density: fast pruning first, when there is most to
 * remove, then ever more slowly (Zhu & Gupta 2017, https://arxiv.org/abs/1710.01878).
 *
 *     s(t) = final + (initial − final)·(1 − (t − begin)/(end − begin))^power
 *
 * for begin ≤ t ≤ end; 0 before `beginStep` and `finalSparsity` after `endStep`.
 *
 * @example
 * const schedule = polynomialDecay(0.5, 0.9, 0, 100, 3);
 * [0, 50, 100].map(schedule); //=> [0.5, 0.85, 0.9]
 */
export function polynomialDecay(
  initialSparsity: number,
  finalSparsity: number,
  beginStep: number,
  endStep: number,
  power: number,
): SparsitySchedule {
  return (step) => {
    if (step < beginStep) {
      return 0;
    }
    if (step >= endStep) {
      return finalSparsity;
    }
    const left = 1 - (step - beginStep) / (endStep - beginStep);
    return finalSparsity + (initialSparsity - finalSparsity) * left ** power;
  };
}

/**
 * The same sparsity from a step on.
 *
 * @example
 * [9, 10].map(constantSparsity(0.5, 10)); //=> [0, 0.5]
 */
export function constantSparsity(targetSparsity: number, beginStep: number): SparsitySchedule {
  return (step) => (step < beginStep ? 0 : targetSparsity);
}

/**
 * The share of the kept weights that move at an update of a mask that regrows
 * (Evci et al. 2020, https://arxiv.org/abs/1911.11134).
 *
 *     f(t) = α/2·(1 + cos(π·t/stop))
 *
 * for t ≤ stop; 0 after it.
 *
 * @example
 * [0, 50, 100].map(cosineDecay(0.3, 100)); //=> [0.3, 0.15, 0]
 */
export function cosineDecay(alpha: number, stopStep: number): (step: number) => number {
  return (step) =>
    step < stopStep ? (alpha / 2) * (1 + Math.cos((Math.PI * step) / stopStep)) : 0;
}

/** When masks are updated: at `beginStep`, each `frequency` steps from it, and at `endStep`. */
export interface UpdateSteps {
  beginStep: number;
  /** Last step with an update; `Infinity` for a schedule without an end. */
  endStep: number;
  frequency: number;
}

/**
 * Whether masks are updated once `step` optimizer steps are done.
 *
 * @example
 * const every = {beginStep: 2, endStep: 9, frequency: 3};
 * [...Array(12).keys()].filter((step) => isUpdateStep(every, step)); //=> [2, 5, 8, 9]
 */
export function isUpdateStep({beginStep, endStep, frequency}: UpdateSteps, step: number): boolean {
  return (
    step >= beginStep &&
    step <= endStep &&
    ((step - beginStep) % frequency === 0 || step === endStep)
  );
}

/** The last update step at or before `step`, or `null` before `beginStep`. */
export function lastUpdateStep(
  {beginStep, endStep, frequency}: UpdateSteps,
  step: number,
): number | null {
  if (step < beginStep) {
    return null;
  }
  return step >= endStep ? endStep : step - ((step - beginStep) % frequency);
}

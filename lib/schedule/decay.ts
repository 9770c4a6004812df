import {check, checkInteger, checkOptions, checkSparsity} from '../base/check';
import {scheduleOf, type Schedule} from './schedule';
import {usualFrequency} from './updates';

/** A gradual schedule: the arguments that weight and channel pruning share. */
export interface DecayArgs {
  /** Sparsity at `beginStep`, in [0, 1): the share of weights or channels that are zero. */
  initialSparsity: number;
  /** Sparsity from `endStep` on, at least `initialSparsity` and below 1. */
  finalSparsity: number;
  /** Step of the first pruning, at least 0. */
  beginStep: number;
  /** Step at which `finalSparsity` is reached, at least `beginStep`. */
  endStep: number;
  /** Exponent of the decay, above 0: 1 is linear. Default: 3. */
  power?: number;
  /**
   * Steps between two updates of the masks, at least 1. Default: a twentieth of the steps
   * from `beginStep` to `endStep`, at most 100.
   */
  frequency?: number;
}

const COMMON = ['initialSparsity', 'finalSparsity', 'beginStep', 'endStep', 'frequency'] as const;

/** The names of `DecayArgs`, for checking options. */
export const DECAY_OPTIONS = [...COMMON, 'power'] as const;

/**
 * Makes a schedule with polynomial decay: it prunes fast at first, when most is
 * redundant, and then more and more slowly (Zhu & Gupta 2017,
 * https://arxiv.org/abs/1710.01878).
 *
 *     s(t) = final + (initial − final)·(1 − (t − begin)/(end − begin))^power
 *
 * for begin ≤ t ≤ end; 0 before `beginStep` and `finalSparsity` after `endStep`.
 *
 * @throws PruningError for an argument out of its range or an unknown option.
 * @example
 * const schedule = polynomialDecay({
 *   initialSparsity: 0.5, finalSparsity: 0.9, beginStep: 0, endStep: 100,
 * });
 * [0, 50, 100].map(schedule); //=> [0.5, 0.85, 0.9]
 */
export function polynomialDecay(args: DecayArgs): Schedule {
  checkOptions('polynomialDecay', args, DECAY_OPTIONS);
  return polynomial(args);
}

/** `polynomialDecay` of arguments that may have others among them. */
export function polynomial(args: DecayArgs): Schedule {
  const {power = 3} = args;
  check(Number.isFinite(power) && power > 0, 'power', 'a number above 0', power);
  return decay(args, (initial, final, done) => final + (initial - final) * (1 - done) ** power);
}

/**
 * Makes a schedule with exponential decay: each step prunes the same share of the
 * remaining weights, as iterative pruning does (Frankle & Carbin 2019,
 * https://arxiv.org/abs/1803.03635).
 *
 *     s(t) = 1 − (1 − initial)·((1 − final)/(1 − initial))^((t − begin)/(end − begin))
 *
 * for begin ≤ t ≤ end; 0 before `beginStep` and `finalSparsity` after `endStep`.
 *
 * @throws PruningError for an argument out of its range or an unknown option.
 * @example
 * const schedule = exponentialDecay({
 *   initialSparsity: 0, finalSparsity: 0.75, beginStep: 0, endStep: 100,
 * });
 * [0, 50, 100].map(schedule); //=> [0, 0.5, 0.75]
 */
export function exponentialDecay(args: Omit<DecayArgs, 'power'>): Schedule {
  checkOptions('exponentialDecay', args, COMMON);
  return decay(
    args,
    (initial, final, done) => initial + (1 - initial) * (1 - ((1 - final) / (1 - initial)) ** done),
  );
}

/** @param between The sparsity where the share `done` of the time from begin to end has passed. */
function decay(
  args: Omit<DecayArgs, 'power'>,
  between: (initial: number, final: number, done: number) => number,
): Schedule {
  const {initialSparsity, finalSparsity, beginStep, endStep} = args;
  checkSparsity('initialSparsity', initialSparsity);
  checkSparsity('finalSparsity', finalSparsity);
  check(
    finalSparsity >= initialSparsity,
    'finalSparsity',
    `at least initialSparsity (${initialSparsity}), since what is pruned stays pruned`,
    finalSparsity,
  );
  checkInteger('beginStep', beginStep, 0);
  checkInteger('endStep', endStep, beginStep);
  const {frequency = usualFrequency(beginStep, endStep)} = args;
  checkInteger('frequency', frequency, 1);
  return scheduleOf(
    (step) => {
      if (step < beginStep) {
        return 0;
      }
      return step >= endStep
        ? finalSparsity
        : between(initialSparsity, finalSparsity, (step - beginStep) / (endStep - beginStep));
    },
    {beginStep, endStep, frequency},
    // A layer that prunes less starts at no more than its end.
    (final) =>
      decay(
        {
          ...args,
          initialSparsity: Math.min(initialSparsity, final),
          finalSparsity: final,
        },
        between,
      ),
  );
}

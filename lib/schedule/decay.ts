import {check, checkInteger, checkSparsity} from '../base/check';
import {polynomialDecay, type SparsitySchedule} from './schedule';

/** A gradual schedule: the arguments that weight and channel pruning share. */
export interface DecayArgs {
  /** Sparsity at `beginStep`, in [0, 1): the share of weights or channels that are pruned. */
  initialSparsity: number;
  /** Sparsity from `endStep` on, in [0, 1). */
  finalSparsity: number;
  /** Step of the first pruning, at least 0. */
  beginStep: number;
  /** Step at which `finalSparsity` is reached, at least `beginStep`. */
  endStep: number;
  /** Exponent of the decay, above 0: 1 is linear. Default: 3. */
  power?: number;
  /** Steps between two updates of the masks, at least 1. Default: 100. */
  frequency?: number;
}

/** The names of `DecayArgs`, for checking options. */
export const DECAY_OPTIONS = [
  'initialSparsity',
  'finalSparsity',
  'beginStep',
  'endStep',
  'power',
  'frequency',
] as const;

/** `args` with its defaults, and nothing else of it. Throws where one is out of its range. */
export function resolveDecay(args: DecayArgs): Required<DecayArgs> {
  const {initialSparsity, finalSparsity, beginStep, endStep, power = 3, frequency = 100} = args;
  checkSparsity('initialSparsity', initialSparsity);
  checkSparsity('finalSparsity', finalSparsity);
  checkInteger('beginStep', beginStep, 0);
  checkInteger('endStep', endStep, beginStep);
  check(Number.isFinite(power) && power > 0, 'power', 'a number above 0', power);
  checkInteger('frequency', frequency, 1);
  return {initialSparsity, finalSparsity, beginStep, endStep, power, frequency};
}

/** The schedule to `finalSparsity`; one of a layer's own starts at no more than that. */
export function decayTo(decay: Required<DecayArgs>, finalSparsity: number): SparsitySchedule {
  const initial =
    finalSparsity === decay.finalSparsity
      ? decay.initialSparsity
      : Math.min(decay.initialSparsity, finalSparsity);
  return polynomialDecay(initial, finalSparsity, decay.beginStep, decay.endStep, decay.power);
}

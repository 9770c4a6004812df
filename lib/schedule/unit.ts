import {check, checkChoice} from '../base/check';
import type {ScheduleUnit} from './position';

/** Where a schedule is: the arguments that weight and channel pruning share. */
export interface ProgressArgs {
  /**
   * What `beginStep`, `endStep` and `frequency` count: optimizer steps since
   * `compile`, or epochs. Default: `'step'`.
   */
  unit?: ScheduleUnit;
  /**
   * Take the zeros in the weights as already pruned, to go on with a model that
   * was saved while it was being pruned. Default: `false`.
   */
  resume?: boolean;
}

/** The names of `ProgressArgs`, for checking options. */
export const PROGRESS_OPTIONS = ['unit', 'resume'] as const;

/** `args` with its defaults, and nothing else of it. Throws where one is out of its range. */
export function resolveProgress({
  unit = 'step',
  resume = false,
}: ProgressArgs): Required<ProgressArgs> {
  checkChoice('unit', unit, ['step', 'epoch']);
  check(typeof resume === 'boolean', 'resume', 'true or false', resume);
  return {unit, resume};
}

import {check, checkChoice} from '../base/check';
import type {ScheduleUnit} from './position';

/** What a schedule counts, and what it starts from. */
export interface TimingArgs {
  /**
   * What `beginStep`, `endStep` and `frequency` count: optimizer steps since
   * `compile`, or epochs. Default: `'step'`.
   */
  unit?: ScheduleUnit;
  /**
   * Takes zeros in the weights as already pruned, to continue with a model that
   * was saved while it was being pruned. Default: `false`.
   */
  resume?: boolean;
}

/** The names of `TimingArgs`, for checking options. */
export const TIMING_OPTIONS = ['unit', 'resume'] as const;

/** `args` with its defaults, and nothing else of it. Throws where one is out of its range. */
export function resolveTiming({unit = 'step', resume = false}: TimingArgs): Required<TimingArgs> {
  checkUnit(unit);
  check(typeof resume === 'boolean', 'resume', 'true or false', resume);
  return {unit, resume};
}

/** Throws unless `unit` is one that schedules count. */
export function checkUnit(unit: unknown): asserts unit is ScheduleUnit {
  checkChoice('unit', unit, ['step', 'epoch']);
}

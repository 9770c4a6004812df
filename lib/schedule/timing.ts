import {check, checkChoice} from '../base/check';
import {checkNormalization, type NormalizationArgs} from '../model/follow_normalization';
import type {ScheduleUnit} from './position';

/** What a schedule counts, whether it resumes, and how batch normalization follows. */
export interface TimingArgs extends NormalizationArgs {
  /**
   * What `beginStep`, `endStep` and `frequency` count: optimizer steps since
   * `compile`, or epochs. Default: `'step'`.
   */
  unit?: ScheduleUnit;
  /**
   * Whether zeros in the weights count as already pruned, to continue with a model that
   * was saved while it was being pruned. Default: `false`.
   */
  resume?: boolean;
}

/** The names of `TimingArgs`, for checking options. */
export const TIMING_OPTIONS = ['unit', 'resume', 'normalization'] as const;

/** `args` with its defaults, and nothing else of it. Throws where one is out of its range. */
export function resolveTiming({
  unit = 'step',
  resume = false,
  normalization = 'follow',
}: TimingArgs): Required<TimingArgs> {
  checkUnit(unit);
  check(typeof resume === 'boolean', 'resume', 'true or false', resume);
  checkNormalization(normalization);
  return {unit, resume, normalization};
}

/** Throws unless `unit` is one that schedules count. */
export function checkUnit(unit: unknown): asserts unit is ScheduleUnit {
  checkChoice('unit', unit, ['step', 'epoch']);
}

import {checkInteger} from '../base/check';
import type {TimingArgs} from './timing';
import {usualFrequency, type UpdateSteps} from './updates';

/** When to prune, with or without an end: the arguments that callbacks and schedules share. */
export interface OpenEndedArgs {
  /** Step of the first pruning, at least 0. Default: 0. */
  beginStep?: number;
  /** Last step at which masks may be updated; −1 for no end. Default: −1. */
  endStep?: number;
  /**
   * Steps between two updates of the masks, at least 1. Default: a twentieth of the steps
   * from `beginStep` to `endStep`, at most 100; without an end, 100 steps or 1 epoch.
   */
  frequency?: number;
}

/** The names of `OpenEndedArgs`, for checking options. */
export const OPEN_ENDED_OPTIONS = ['beginStep', 'endStep', 'frequency'] as const;

/**
 * The steps with updates. Throws where an argument is out of its range.
 *
 * @param args What they count may be among them.
 */
export function resolveOpenEnded(args: OpenEndedArgs & Pick<TimingArgs, 'unit'>): UpdateSteps {
  const {beginStep = 0, endStep = -1, unit} = args;
  checkInteger('beginStep', beginStep, 0);
  if (endStep !== -1) {
    checkInteger('endStep', endStep, beginStep);
  }
  const end = endStep === -1 ? Infinity : endStep;
  const isOfEpochs = end === Infinity && unit === 'epoch';
  const {frequency = isOfEpochs ? 1 : usualFrequency(beginStep, end)} = args;
  checkInteger('frequency', frequency, 1);
  return {beginStep, endStep: end, frequency};
}

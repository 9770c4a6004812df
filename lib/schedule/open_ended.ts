import {checkInteger} from '../base/check';
import type {UpdateSteps} from './updates';

/** When to prune, with or without an end: the arguments that callbacks and schedules share. */
export interface OpenEndedArgs {
  /** Step of the first pruning, at least 0. Default: 0. */
  beginStep?: number;
  /** Last step at which masks may be updated; −1 for no end. Default: −1. */
  endStep?: number;
  /** Steps between two updates of the masks, at least 1. Default: 100. */
  frequency?: number;
}

/** The names of `OpenEndedArgs`, for checking options. */
export const OPEN_ENDED_OPTIONS = ['beginStep', 'endStep', 'frequency'] as const;

/** The steps with updates. Throws where an argument is out of its range. */
export function resolveOpenEnded(args: OpenEndedArgs): UpdateSteps {
  const {beginStep = 0, endStep = -1, frequency = 100} = args;
  checkInteger('beginStep', beginStep, 0);
  if (endStep !== -1) {
    checkInteger('endStep', endStep, beginStep);
  }
  checkInteger('frequency', frequency, 1);
  return {beginStep, endStep: endStep === -1 ? Infinity : endStep, frequency};
}

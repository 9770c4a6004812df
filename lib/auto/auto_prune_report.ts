import type {Granularity, PrunerArgs} from '../callbacks/granularity';
import type {Candidate} from './candidate';
import type {Cost} from './cost';
import type {Outcome} from './search';
import type {SensitivityResult} from './sensitivity_result';

/** A candidate that was trained. */
export interface ReportedTrial extends Candidate, Outcome {
  /** Seconds that the training took. */
  seconds: number;
}

/** All trials of `autoPrune`, and its choice; plain JSON. */
export interface AutoPruneReport {
  /** What was pruned: weights, channels or neurons. */
  granularity: Granularity;
  /** The metric's name: `'accuracy'`, `'loss'`, or the function's. */
  metric: string;
  /** The metric of the model before pruning. */
  baseline: number;
  /** What each layer tolerates, measured on up to 2000 of the samples. */
  sensitivity: SensitivityResult;
  /** All candidates, in the order of their trials, each with the seconds it took. */
  trials: ReportedTrial[];
  /**
   * Candidates that idle workers of an `executor` trained ahead, but the search did not
   * need. They do not affect the result.
   */
  ahead: ReportedTrial[];
  /** The candidate that the model is trained with, and the arguments of its pruner. */
  chosen: Candidate &
    Outcome & {
      /** The arguments of the pruner that `callbacks` makes. */
      args: PrunerArgs;
    };
  /** Epochs of all trainings together. */
  epochs: number;
  /** The cost of the model before and after, without its pruned parts. */
  cost: {
    /** The cost of the original model. */
    before: Cost;
    /** The cost of the pruned model. */
    after: Cost;
  };
}

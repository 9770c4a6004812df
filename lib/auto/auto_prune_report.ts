import type {Granularity, PrunerArgs} from '../callbacks/granularity';
import type {Candidate} from './candidate';
import type {Cost} from './cost';
import type {Outcome} from './search';
import type {SensitivityResult} from './sensitivity_result';

/** A candidate that was tried. */
export interface ReportedTrial extends Candidate, Outcome {
  /** Seconds that the training took. */
  seconds: number;
}

/** What `autoPrune` tried, and what it chose; plain JSON. */
export interface AutoPruneReport {
  /** What was pruned: weights, channels or neurons. */
  granularity: Granularity;
  /** The metric's name: `'accuracy'`, `'loss'`, or the function's. */
  metric: string;
  /** The metric of the model before. */
  baseline: number;
  /** What each layer bears, by up to 2000 of the samples. */
  sensitivity: SensitivityResult;
  /** All candidates, in the order of their trials, each with the seconds it took. */
  trials: ReportedTrial[];
  /**
   * Candidates that idle workers of an `executor` have tried in case the search would ask for
   * them, which it did not. Nothing rests on them.
   */
  ahead: ReportedTrial[];
  /** The one that the model is trained by, with the arguments of its pruner. */
  chosen: Candidate &
    Outcome & {
      /** Of the pruner that `callbacks` makes. */
      args: PrunerArgs;
    };
  /** Epochs of all trainings. */
  epochs: number;
  /** What the model costs, before and now, each without what is pruned. */
  cost: {
    /** Of the model that was given. */
    before: Cost;
    /** Of the model as it is now. */
    after: Cost;
  };
}

import type {Candidate} from './candidate';
import type {Trial} from './search';

/** What `autoPrune` has done so far. */
export interface AutoPruneProgress {
  /** Scanning what each layer bears, or training a candidate. */
  phase: 'sensitivity' | 'training';
  /** Measurements of what layers bear. */
  measurements: {
    /** Those that have ended. */
    done: number;
    /** All that are planned. */
    total: number;
  };
  /** The candidate being trained. */
  candidate: Candidate | null;
  /** Its epochs done. */
  epoch: number;
  /** Epochs of all trainings done. */
  epochsDone: number;
  /** Epochs that all trainings may take. */
  epochs: number;
  /** Seconds that the rest may take, about; `null` before the first epoch. */
  secondsLeft: number | null;
  /** The best candidate so far. */
  best: Trial | null;
  /** The candidates that were tried, in their order, with what came of each. */
  tried: readonly Trial[];
  /** All candidates being trained, with an `executor` several at once. */
  running: RunningTrial[];
}

/** A candidate being trained. */
export interface RunningTrial {
  /** Which. */
  candidate: Candidate;
  /** Its epochs done. */
  epoch: number;
  /** Seconds that the rest of it may take, about; `null` before the first epoch of all. */
  secondsLeft: number | null;
  /** Whether the search has not asked for it yet, and may never. */
  isAhead: boolean;
}

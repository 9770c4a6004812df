import type {Candidate} from './candidate';
import type {Trial} from './search';

/** The progress of `autoPrune`. */
export interface AutoPruneProgress {
  /** Whether it measures what each layer tolerates, or trains a candidate. */
  phase: 'sensitivity' | 'training';
  /** Measurements of what layers tolerate. */
  measurements: {
    /** Number of measurements that are done. */
    done: number;
    /** Number of all measurements. */
    total: number;
  };
  /** The candidate being trained. */
  candidate: Candidate | null;
  /** Number of its epochs that are done. */
  epoch: number;
  /** Number of epochs done in all trainings. */
  epochsDone: number;
  /** Largest number of epochs of all trainings. */
  epochs: number;
  /** Estimated seconds for the rest; `null` before the first epoch. */
  secondsLeft: number | null;
  /** The best candidate so far. */
  best: Trial | null;
  /** The candidates tried so far, in order, with their results. */
  tried: readonly Trial[];
  /** All candidates that are being trained; several at once with an `executor`. */
  running: RunningTrial[];
}

/** A candidate being trained. */
export interface RunningTrial {
  /** The candidate. */
  candidate: Candidate;
  /** Number of its epochs that are done. */
  epoch: number;
  /** Estimated seconds for the rest of it; `null` before the first epoch of all. */
  secondsLeft: number | null;
  /** Whether the search has not asked for it yet, and may never do so. */
  isAhead: boolean;
}

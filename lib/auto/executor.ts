import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import type {Granularity, PrunerArgs, Scoring} from '../callbacks/granularity';
import type {NormalizationMode} from '../model/follow_normalization';
import type {Candidate} from './candidate';
import type {Settings} from './material';

/** A task that trains the model as a candidate says, and measures it; plain JSON. */
export interface TrialTask {
  /** A candidate to be trained. */
  kind: 'trial';
  /** What is pruned: weights, channels or neurons. */
  granularity: Granularity;
  /** The candidate. */
  candidate: Candidate;
  /** The arguments of its pruner. */
  args: PrunerArgs;
  /** Seed for shuffling the samples. */
  seed: number;
  /** Whether to return the trained weights, in addition to the measurements. */
  withWeights: boolean;
}

/** A task that prunes one layer without training, and measures the model; plain JSON. */
export interface LayerTask {
  /** A layer to be pruned alone. */
  kind: 'layer';
  /** What is pruned: weights, channels or neurons. */
  granularity: Granularity;
  /** The path of the layer. */
  layer: string;
  /** Its sparsity. */
  sparsity: number;
  /** How to score weights or channels. Calibration data come from whoever runs the task. */
  scoring: Omit<Scoring, 'calibration'>;
  /** Whether batch normalizations are measured again first. Default: `'follow'`. */
  normalization?: NormalizationMode;
  /** Number of validation samples to measure with; all if absent. */
  most?: number;
}

/** A measurement that is independent of all others; plain JSON. */
export type Task = TrialTask | LayerTask;

/** The result of a task; plain JSON except for the weights. */
export interface Measured {
  /** The metric of the model. */
  metric: number;
  /** Share of the weights, channels or units that are pruned. */
  sparsity: number;
  /** Number of remaining parameters; only for trials. */
  parameters?: number;
  /** Seconds that it took. */
  seconds: number;
  /** The trained weights, as `TrainedWeights` reads them. */
  weights?: Uint8Array;
}

/** A task that failed in all its attempts, because the worker died, hung or exceeded a limit. */
export interface Failed {
  /** The reason. */
  failed: string;
}

/** The result of a task, or its failure. */
export type TaskOutcome = Measured | Failed;

/** Called during a task, with its epochs done. In this process it can throw to end the task. */
export type Watch = (task: Task, epoch: number) => void | Promise<void>;

/** A task that has been handed over. */
export interface Run {
  /** Its result. Rejects if the task throws, wherever it runs. */
  readonly outcome: Promise<TaskOutcome>;
  /** Says that nobody waits for it anymore. */
  cancel(): void;
}

/** A running executor, for one model and its data. */
export interface Crew {
  /** Number of tasks that it runs at the same time, at least 1; may change. */
  readonly size: number;
  /**
   * Runs `tasks` in any order. The result of a task depends only on the task, the model
   * and the data.
   */
  run(tasks: readonly Task[], watch: Watch): Run[];
  /** Ends the executor. Running tasks are abandoned. */
  close(): Promise<void>;
}

/** What all tasks of a search have in common. */
export interface Ground {
  /** The model before all tasks. A worker with another model must refuse. */
  model: LayersModel;
  /** A description of the model, the data and the versions, to detect differences. */
  settings: Settings;
}

/**
 * Where trials run: see `workers` in `tfjs-prune/node`, and `queue` in
 * `tfjs-prune/queue`. The search decides which trials to run; an executor only runs them.
 */
export interface Executor {
  /** Prepares for a search. */
  open(ground: Ground): Promise<Crew>;
}

/** Throws for what is no executor. */
export function checkExecutor(executor: Executor | undefined): void {
  const isOne =
    executor === undefined || typeof (Object(executor) as {open?: unknown}).open === 'function';
  check(isOne, 'executor', 'an executor, such as workers() of tfjs-prune/node', executor);
}

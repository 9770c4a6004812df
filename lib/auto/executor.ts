import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import type {Granularity, PrunerArgs, Scoring} from '../callbacks/granularity';
import type {NormalizationMode} from '../model/follow_normalization';
import type {Candidate} from './candidate';
import type {Settings} from './material';

/** Trains the model as a candidate says, and measures it; plain JSON. */
export interface TrialTask {
  /** A candidate to be trained. */
  kind: 'trial';
  /** What is pruned: weights, channels or neurons. */
  granularity: Granularity;
  /** Which candidate. */
  candidate: Candidate;
  /** The arguments of its pruner. */
  args: PrunerArgs;
  /** Of the order of the samples. */
  seed: number;
  /** Whether the trained weights are wanted, in addition to how good they are. */
  withWeights: boolean;
}

/** Prunes a layer alone, without training, and measures the model; plain JSON. */
export interface LayerTask {
  /** A layer to be pruned alone. */
  kind: 'layer';
  /** What is pruned: weights, channels or neurons. */
  granularity: Granularity;
  /** The path of the layer. */
  layer: string;
  /** How much of it. */
  sparsity: number;
  /** What counts as important. The calibration data are those of whoever does the task. */
  scoring: Omit<Scoring, 'calibration'>;
  /** Whether batch normalizations are measured again first. Default: `'follow'`. */
  normalization?: NormalizationMode;
  /** Samples of the validation data to measure with; all where it is absent. */
  most?: number;
}

/** Something to be measured that needs nothing from the others; plain JSON. */
export type Task = TrialTask | LayerTask;

/** What a task has given; plain JSON but for the weights. */
export interface Measured {
  /** The metric of the model. */
  metric: number;
  /** Share of the weights, channels or units that are pruned. */
  sparsity: number;
  /** Parameters that are left; of trials only. */
  parameters?: number;
  /** Seconds that it took. */
  seconds: number;
  /** The trained weights, as `TrainedWeights` reads them. */
  weights?: Uint8Array;
}

/** A task that whoever tried it did not survive, as often as it was tried. */
export interface Failed {
  /** Why. */
  failed: string;
}

/** What comes of a task. */
export type TaskOutcome = Measured | Failed;

/** Called as a task goes on, with its epochs done; ends it by throwing where it runs in this process. */
export type Watch = (task: Task, epoch: number) => void | Promise<void>;

/** A task that was handed over. */
export interface Run {
  /** What comes of it. Rejects where the task throws, in the same way wherever it runs. */
  readonly outcome: Promise<TaskOutcome>;
  /** Says that nobody waits for it any more. */
  cancel(): void;
}

/** An executor at work, for one model and its data. */
export interface Crew {
  /** How many tasks it does at once, at least 1; may change. */
  readonly size: number;
  /**
   * Does `tasks`, in whichever order. What comes of one depends on nothing but the
   * task, the model and the data.
   */
  run(tasks: readonly Task[], watch: Watch): Run[];
  /** Ends it. What still runs is given up. */
  close(): Promise<void>;
}

/** What tasks rest on. */
export interface Ground {
  /** The model as it is before all tasks. Whoever has another one must refuse. */
  model: LayersModel;
  /** What tells model, data and versions from others. */
  settings: Settings;
}

/**
 * Where trials run: see `workers` in `tfjs-prune/node`, and `queue` in
 * `tfjs-prune/queue`. The search decides what is tried; an executor only says where.
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

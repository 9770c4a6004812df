import {concat, dispose, type Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkChoice, checkInteger} from '../base/check';
import {disposeBatches, readBatches} from '../data/batches';
import type {Samples} from '../data/samples';
import {trainedModel, trainedWeights} from '../model/trained_model';
import {gradientOf, type Gradients} from '../projection/optimizer_step';
import {type Reduce, REDUCTIONS} from './by_channel';
import type {ChannelGroup} from './groups/channel_groups';
import {
  checkImportance,
  checkImportanceData,
  checkMeasurable,
  type Importance,
  measureOf,
  type NeededData,
} from './importance';
import type {ScoredGroup} from './importances/measure';
import {measureOfChannels} from './importances/of_channels';
import {effectiveMembers, TaylorSums} from './importances/taylor';

/** How to score channels: options that callbacks share. */
export interface ImportanceArgs {
  /**
   * The score of a channel; the lowest are pruned first. Default: `'l2'`, the norm of its
   * weights.
   */
  importance?: Importance;
  /**
   * How to combine the scores of a channel in coupled layers: their `'mean'`, `'sum'`,
   * `'max'` or product (`'prod'`), or the score in the `'first'` layer. Default:
   * `'mean'`.
   */
  reduce?: Reduce;
  /**
   * Data for the importances that need some: `{x, y, batchSize}`, where
   * `'meanActivation'` and `'maxActivation'` need no `y`, or a dataset. A few hundred
   * samples are enough. Without it, `'taylor'` uses the gradients of training. Read at
   * each update of the masks.
   */
  calibration?: Samples;
  /** Seed of `importance: 'random'`, an integer of at least 0. Default: 1. */
  seed?: number;
}

/** The names of `ImportanceArgs`, for checking options. */
export const IMPORTANCE_OPTIONS = ['importance', 'reduce', 'calibration', 'seed'] as const;

/** What scores channels, and when it can. */
export interface Scorer {
  /** Whether gradients have to be seen before there are scores. */
  readonly isWaiting: boolean;
  /**
   * Begins to score channels of `model`.
   *
   * @throws PruningError for groups that it has nothing to go by, and for data that
   *   the model does not take.
   */
  begin(model: LayersModel, groups: readonly ChannelGroup[]): Promise<void>;
  /** Takes up the gradients of a step that is about to be applied. */
  observe(gradients: Gradients): void;
  /** The scores of all channels, group after group, in one tensor that the caller owns. */
  score(model: LayersModel, groups: readonly ScoredGroup[]): Promise<Tensor>;
  /** Frees what was remembered. */
  dispose(): void;
}

/** Scores channels by an importance, and keeps on the device what it has to remember. */
export class ChannelScorer implements Scorer {
  private readonly importance: Importance;
  private readonly reduce: Reduce;
  private readonly calibration: Samples | undefined;
  private readonly seed: number;
  /** What training has shown since the last update. */
  private sums: TaylorSums | null = null;

  /** @throws PruningError for an argument out of its range, and for data that are missing or not needed. */
  constructor(args: ImportanceArgs) {
    const {importance = 'l2', reduce = 'mean', calibration} = args;
    const {seed = 1} = args;
    checkImportance(importance);
    checkChoice('reduce', reduce, REDUCTIONS);
    checkInteger('seed', seed, 0);
    this.importance = importance;
    this.reduce = reduce;
    this.calibration = calibration;
    this.seed = seed;
    // The gradients of training will do for it.
    checkImportanceData(importance, calibration, importance !== 'taylor');
  }

  /** Whether gradients have to be seen before there are scores. */
  get isWaiting(): boolean {
    return this.sums?.isEmpty ?? false;
  }

  /**
   * Begins to score channels of `model`.
   *
   * @throws PruningError for groups that the importance has nothing to go by,
   *   and for data that the model does not take.
   */
  async begin(model: LayersModel, groups: readonly ChannelGroup[]): Promise<void> {
    this.dispose();
    groups.forEach((group) => checkMeasurable(group, this.importance));
    if (this.calibration) {
      const isStateful = trainedModel(model).stateful;
      check(!isStateful, 'calibration', 'a model without state between batches', model.name);
      disposeBatches(await readBatches(model, this.calibration, this.data === 'targets', 1));
    } else if (this.importance === 'taylor') {
      const trained = trainedWeights(model);
      for (const group of groups) {
        const expected = `calibration for '${group.name}', whose weights do not train`;
        const trains = effectiveMembers(group).every((members) =>
          members.some(({variable}) => trained.has(variable)),
        );
        check(trains, 'importance', expected, this.importance);
      }
      this.sums = new TaylorSums(groups);
    }
  }

  /** Takes up the gradients of a step that is about to be applied. */
  observe(gradients: Gradients): void {
    this.sums?.observe(({name}) => gradientOf(gradients, name));
  }

  /** The scores of all channels, group after group, in one tensor that the caller owns. */
  async score(model: LayersModel, groups: readonly ScoredGroup[]): Promise<Tensor> {
    const scores = await this.measure(model, groups);
    try {
      return concat(scores);
    } finally {
      dispose(scores);
    }
  }

  /** Frees what was remembered. */
  dispose(): void {
    this.sums?.dispose();
    this.sums = null;
  }

  private async measure(model: LayersModel, groups: readonly ScoredGroup[]): Promise<Tensor[]> {
    const {reduce, seed} = this;
    if (this.sums) {
      const scores = this.sums.scores(reduce);
      this.sums.dispose();
      this.sums = new TaylorSums(groups.map(({group}) => group));
      return scores;
    }
    const batches = this.calibration
      ? await readBatches(model, this.calibration, this.data === 'targets')
      : [];
    try {
      const measure = measureOfChannels(measureOf(this.importance).score);
      return await measure(groups, {model, reduce, seed, batches});
    } finally {
      disposeBatches(batches);
    }
  }

  private get data(): NeededData {
    return measureOf(this.importance).data;
  }
}

import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkChoice, checkInteger, checkOptions} from '../../base/check';
import {
  ChannelScorer,
  IMPORTANCE_OPTIONS,
  type ImportanceArgs,
} from '../../channels/channel_scorer';
import {ChannelUpdater} from '../../channels/channel_updater';
import {type Normalize, NORMALIZERS} from '../../channels/choose_channels';
import type {ChannelGroup} from '../../channels/groups/channel_groups';
import {checkGroupSelection, type IgnoredChannels} from '../../channels/groups/select_groups';
import type {LayerSelection} from '../../model/layer_selection';
import type {Gradients} from '../../projection/optimizer_step';
import {resolveSchedule, type ScheduleArgs} from '../../schedule/choose';
import {DECAY_OPTIONS, type DecayArgs} from '../../schedule/decay';
import type {Schedule, SparsityFunction} from '../../schedule/schedule';
import {resolveTiming, TIMING_OPTIONS, type TimingArgs} from '../../schedule/timing';
import {logShare} from './log_share';
import type {Logs} from './optimizer_callback';
import {ScheduledPruning} from './scheduled_pruning';

/** Options that the callbacks which prune whole channels share. */
interface ChannelOptions extends TimingArgs, ImportanceArgs {
  /**
   * Which layers: a predicate that holds for all layers whose channels go
   * together, a list of names, or a map from name to that layer's final
   * sparsity, where `false` leaves it alone. Default: all that can be pruned.
   */
  layers?: LayerSelection;
  /**
   * Layers to leave alone, and with them those coupled to them; or a map from a
   * layer's name to the numbers of its outputs that stay, `{conv2d_1: [0, 5]}`,
   * `true` for all. Default: none.
   */
  ignore?: IgnoredChannels;
  /**
   * `'layer'`: each layer gets the sparsity. `'global'`: all channels together
   * do, by scores in units of their layer's mean; layers with a sparsity of
   * their own in `layers` stand apart. Default: `'layer'`.
   */
  scope?: 'layer' | 'global';
  /**
   * With `scope: 'global'`, what the scores of a layer are divided by: the `'mean'`
   * of what is left, the `'max'`, or `'none'`; `'standard'` takes away their mean
   * and divides by their standard deviation. Default: `'mean'`.
   */
  normalize?: Normalize;
  /**
   * The number of channels kept is rounded up to a multiple of this, at least
   * 1; layers that have fewer stay whole. Default: 1.
   */
  roundTo?: number;
  /** Channels that each layer keeps at least, at least 1. Default: 1. */
  minChannels?: number;
  /** Largest share of a layer's channels to be pruned, in (0, 1]. Default: 1. */
  maxSparsity?: number;
}

/** Options that the callbacks which prune whole channels share: a decay, or a `schedule`. */
export type StructuredPruningArgs = ChannelOptions & (DecayArgs | ScheduleArgs);

/**
 * Base of the callbacks that prune whole channels to a scheduled sparsity.
 *
 * Scores are computed on the device and read, one number a channel, where `fit`
 * next waits: in `onBatchEnd` of that step, before the next one. So only the
 * last update of an epoch is not yet in what `fit` validates there. In a loop of
 * `trainOnBatch`, `await onBatchEnd(batch)` after each step; without it the last
 * update is made in `onTrainEnd`.
 */
export abstract class StructuredPruning extends ScheduledPruning {
  private readonly schedule: Schedule;
  private readonly updater: ChannelUpdater;
  /** The position of an update that is due. */
  private due: number | null = null;
  /** Whether all updates were made. */
  private isOver = false;

  protected constructor(owner: string, args: StructuredPruningArgs) {
    checkOptions(owner, args, [
      'schedule',
      ...DECAY_OPTIONS,
      ...TIMING_OPTIONS,
      'layers',
      'ignore',
      ...IMPORTANCE_OPTIONS,
      'scope',
      'normalize',
      'roundTo',
      'minChannels',
      'maxSparsity',
    ]);
    const schedule = resolveSchedule(args);
    const {unit, resume, normalization} = resolveTiming(args);
    const {layers, ignore = [], scope = 'layer'} = args;
    checkGroupSelection(layers, ignore);
    checkChoice('scope', scope, ['layer', 'global']);
    const {normalize = 'mean'} = args;
    checkChoice('normalize', normalize, NORMALIZERS);
    const {roundTo = 1, minChannels = 1, maxSparsity = 1} = args;
    checkInteger('roundTo', roundTo, 1);
    checkInteger('minChannels', minChannels, 1);
    const isShare = typeof maxSparsity === 'number' && maxSparsity > 0 && maxSparsity <= 1;
    check(isShare, 'maxSparsity', 'a number in (0, 1]', maxSparsity);
    const scorer = new ChannelScorer(args);
    super({updates: schedule.updates, unit, schedule, isResuming: resume, normalization});
    this.schedule = schedule;
    const isOfKind = (group: ChannelGroup) => this.isOfKind(group);
    const limits = {roundTo, minChannels, maxSparsity};
    this.updater = new ChannelUpdater({
      isOfKind,
      layers,
      ignore,
      scorer,
      scope,
      limits,
      normalize,
      resume,
    });
  }

  /** Whether channels that go together are pruned here. */
  protected abstract isOfKind(group: ChannelGroup): boolean;

  /** Share of its channels that this callback has pruned so far, in [0, 1). */
  get sparsity(): number {
    return this.updater.sparsity;
  }

  protected get schedules(): SparsityFunction[] {
    return this.updater.schedules;
  }

  protected override start(model: LayersModel): Promise<boolean> {
    this.due = null;
    this.isOver = false;
    const {schedule} = this;
    return this.updater.begin(model, (final) =>
      final === undefined ? schedule : schedule.to(final),
    );
  }

  protected override beforeStep(gradients: Gradients): void {
    if (!this.isOver) {
      this.updater.observe(gradients);
    }
  }

  protected override pruneTo(position: number): void {
    this.due = position;
  }

  /** Makes the update that is due, if any, or leaves it until there are gradients. */
  protected override async settle(): Promise<void> {
    const {due} = this;
    if (due !== null && (await this.updater.update(this.model, due, this.step))) {
      this.due = null;
      this.isOver = due >= this.timing.updates.endStep;
    }
  }

  protected override async finish(position: number): Promise<void> {
    this.updater.end();
    await super.finish(position);
    const {shortfalls} = this.updater;
    if (shortfalls.length > 0) {
      console.warn(
        `${this.className}: limits keep the sparsity from being met. Pruned are ` +
          `${shortfalls.join('; ')}.`,
      );
    }
  }

  protected override log(logs: NonNullable<Logs>): void {
    logShare(logs, 'channelSparsity', this.updater.share);
  }
}

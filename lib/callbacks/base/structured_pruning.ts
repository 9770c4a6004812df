import type {LayersModel} from '@tensorflow/tfjs-layers';

import {checkOptions} from '../../base/check';
import {
  CHANNEL_CHOICE_OPTIONS,
  type ChannelChoiceArgs,
  resolveChannelChoice,
} from '../../channels/channel_choice';
import {
  ChannelScorer,
  IMPORTANCE_OPTIONS,
  type ImportanceArgs,
} from '../../channels/channel_scorer';
import {ChannelUpdater, warnOfShortfalls} from '../../channels/channel_updater';
import type {ChannelGroup} from '../../channels/groups/channel_groups';
import type {Gradients} from '../../projection/optimizer_step';
import {resolveSchedule, type ScheduleArgs} from '../../schedule/choose';
import {DECAY_OPTIONS, type DecayArgs} from '../../schedule/decay';
import type {Schedule, SparsityFunction} from '../../schedule/schedule';
import {resolveTiming, TIMING_OPTIONS, type TimingArgs} from '../../schedule/timing';
import {logShare} from './log_share';
import type {Logs} from './optimizer_callback';
import {ScheduledPruning} from './scheduled_pruning';

/** Options that the callbacks which prune whole channels share. */
interface ChannelOptions extends TimingArgs, ImportanceArgs, ChannelChoiceArgs {}

/** Options that the callbacks which prune whole channels share: a decay, or a `schedule`. */
export type StructuredPruningArgs = ChannelOptions & (DecayArgs | ScheduleArgs);

/**
 * Base of the callbacks that prune whole channels to a scheduled sparsity.
 *
 * Scores are computed on the device, and read (one number per channel) in `onBatchEnd` of
 * the same step. So the validation of an epoch does not see an update after its last
 * batch. In a loop of `trainOnBatch`, `await onBatchEnd(batch)` after each step;
 * otherwise `onTrainEnd` makes the last update.
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
      ...IMPORTANCE_OPTIONS,
      ...CHANNEL_CHOICE_OPTIONS,
    ]);
    const schedule = resolveSchedule(args);
    const {unit, resume, normalization} = resolveTiming(args);
    const choice = resolveChannelChoice(args);
    const scorer = new ChannelScorer(args);
    super({updates: schedule.updates, unit, schedule, isResuming: resume, normalization});
    this.schedule = schedule;
    const isOfKind = (group: ChannelGroup) => this.isOfKind(group);
    this.updater = new ChannelUpdater({...choice, isOfKind, scorer, resume});
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
    warnOfShortfalls(this.className, this.updater.shortfalls);
  }

  protected override log(logs: NonNullable<Logs>): void {
    logShare(logs, 'channelSparsity', this.updater.share);
  }
}

import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {check, checkChoice, checkInteger, checkOptions} from '../base/check';
import {ChannelScorer, IMPORTANCE_OPTIONS, type ImportanceArgs} from '../channels/channel_scorer';
import {ChannelUpdater} from '../channels/channel_updater';
import type {ChannelGroup} from '../channels/graph/channel_groups';
import {checkGroupSelection} from '../channels/graph/select_groups';
import type {LayerSelection} from '../model/layer_selection';
import {applyMask, maskedVariables} from '../projection/mask';
import type {Gradients} from '../projection/optimizer_step';
import {DECAY_OPTIONS, decayTo, resolveDecay, type DecayArgs} from '../schedule/decay';
import {positionIn, type ScheduleUnit, type TrainingPosition} from '../schedule/position';
import {
  isUpdateStep,
  lastUpdateStep,
  type SparsitySchedule,
  type UpdateSteps,
} from '../schedule/schedule';
import {PROGRESS_OPTIONS, type ProgressArgs, resolveProgress} from '../schedule/unit';
import {type Scheduled, warnOfEarlyEnd, warnOfLateBegin} from '../schedule/warnings';
import {OptimizerCallback, type Logs} from './optimizer_callback';

/** Options that the callbacks which prune whole channels share. */
export interface StructuredPruningArgs extends DecayArgs, ProgressArgs, ImportanceArgs {
  /**
   * Which layers: a predicate that holds for all layers whose channels go
   * together, a list of names, or a map from name to that layer's final
   * sparsity, where `false` leaves it alone. Default: all that can be pruned.
   */
  layers?: LayerSelection;
  /** Names of layers to leave alone, and with them those coupled to them. Default: none. */
  ignore?: readonly string[];
  /**
   * `'layer'`: each layer gets the sparsity. `'global'`: all channels together
   * do, by scores in units of their layer's mean; layers with a sparsity of
   * their own in `layers` stand apart. Default: `'layer'`.
   */
  scope?: 'layer' | 'global';
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

/**
 * Base of the callbacks that prune whole channels to a scheduled sparsity.
 *
 * Scores are computed on the device and read, one number a channel, where `fit`
 * next waits: in `onBatchEnd` of that step, before the next one. So only the
 * last update of an epoch is not yet in what `fit` validates there. In a loop of
 * `trainOnBatch`, `await onBatchEnd(batch)` after each step; without it the last
 * update is made in `onTrainEnd`.
 *
 * It only passes on what happens in training: `TrainingPosition` tells where the
 * schedule is, and `ChannelUpdater` prunes.
 */
export abstract class StructuredPruning extends OptimizerCallback {
  private readonly updates: UpdateSteps;
  private readonly decay: Required<DecayArgs>;
  private readonly unit: ScheduleUnit;
  /** A schedule that goes on in the middle is not late. */
  private readonly isResuming: boolean;
  private readonly position: TrainingPosition;
  private readonly updater: ChannelUpdater;
  /** All variables of the model that are masked, by this callback or another. */
  private masked: LayerVariable[] = [];
  /** The position of an update that is due. */
  private due: number | null = null;
  /** Whether all updates were made. */
  private isOver = false;

  protected constructor(owner: string, args: StructuredPruningArgs) {
    checkOptions(owner, args, OPTIONS);
    const decay = resolveDecay(args);
    const {unit, resume} = resolveProgress(args);
    const {layers, ignore = [], scope = 'layer'} = args;
    checkGroupSelection(layers, ignore);
    checkChoice('scope', scope, ['layer', 'global']);
    const {roundTo = 1, minChannels = 1, maxSparsity = 1} = args;
    checkInteger('roundTo', roundTo, 1);
    checkInteger('minChannels', minChannels, 1);
    const isShare = typeof maxSparsity === 'number' && maxSparsity > 0 && maxSparsity <= 1;
    check(isShare, 'maxSparsity', 'a number in (0, 1]', maxSparsity);
    const scorer = new ChannelScorer(args);
    super();
    this.updates = decay;
    this.decay = decay;
    this.unit = unit;
    this.isResuming = resume;
    this.position = positionIn(unit);
    const isOfKind = (group: ChannelGroup) => this.isOfKind(group);
    const limits = {roundTo, minChannels, maxSparsity};
    this.updater = new ChannelUpdater({isOfKind, layers, ignore, scorer, scope, limits, resume});
  }

  /** Whether channels that go together are pruned here. */
  protected abstract isOfKind(group: ChannelGroup): boolean;

  /** Scheduled sparsity after `step` optimizer steps (or epochs), in [0, 1). */
  sparsityAt(step: number): number {
    return this.schedule()(step);
  }

  /** Whether masks are updated after `step` optimizer steps (or epochs). */
  isUpdateStep(step: number): boolean {
    return isUpdateStep(this.updates, step);
  }

  /** Share of its channels that this callback has pruned so far, in [0, 1). */
  get sparsity(): number {
    return this.updater.sparsity;
  }

  protected override async begin(model: LayersModel, step: number): Promise<void> {
    this.due = null;
    this.isOver = false;
    const isNew = await this.updater.begin(model, (final) => this.schedule(final));
    if (isNew && !this.isResuming) {
      warnOfLateBegin(this.scheduled(), step);
    }
    await this.catchUp(this.position.begin(step, isNew));
    this.masked = maskedVariables(model);
    this.masked.forEach(applyMask);
  }

  protected override beforeStep(gradients: Gradients): void {
    if (!this.isOver) {
      this.updater.observe(gradients);
    }
  }

  protected override afterStep(step: number): void {
    this.masked.forEach(applyMask);
    const position = this.position.afterStep(step, this.params);
    if (position !== null && this.isUpdateStep(position)) {
      this.due = position;
    }
  }

  /** Called by `fit`. */
  override async onEpochBegin(epoch: number): Promise<void> {
    await this.catchUp(this.position.beginEpoch(epoch));
  }

  /** Called by `fit`. */
  override async onBatchBegin(batch: number): Promise<void> {
    this.position.beginBatch(batch);
  }

  /** Called by `fit`. */
  override async onBatchEnd(batch: number, logs?: Logs): Promise<void> {
    await this.update();
    this.log(logs);
    await super.onBatchEnd(batch, logs);
  }

  /** Called by `fit`. */
  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    await this.update();
    await this.catchUp(this.position.endEpoch(epoch));
    this.log(logs);
  }

  protected override async end(step: number): Promise<void> {
    await this.update();
    this.updater.end();
    const {schedules, sparsity, shortfalls} = this.updater;
    warnOfEarlyEnd(this.scheduled(), this.position.end(step), schedules, sparsity);
    if (shortfalls.length > 0) {
      console.warn(
        `${this.className}: limits keep the sparsity from being met. Pruned are ` +
          `${shortfalls.join('; ')}.`,
      );
    }
  }

  private schedule(finalSparsity = this.decay.finalSparsity): SparsitySchedule {
    return decayTo(this.decay, finalSparsity);
  }

  private scheduled(): Scheduled {
    const {updates, unit} = this;
    return {owner: this.className, unit, updates, schedule: this.schedule()};
  }

  private log(logs: Logs): void {
    if (logs) {
      logs.sparsity = this.sparsity;
    }
  }

  /** Makes the last update that was due by `position`; nothing changes if it was made. */
  private async catchUp(position: number | null): Promise<void> {
    if (position !== null) {
      this.due = lastUpdateStep(this.updates, position);
      await this.update();
    }
  }

  /** Makes the update that is due, if any, or leaves it until there are gradients. */
  private async update(): Promise<void> {
    const {due} = this;
    if (due !== null && (await this.updater.update(this.model as LayersModel, due))) {
      this.due = null;
      this.isOver = due >= this.updates.endStep;
      this.masked = maskedVariables(this.model as LayersModel);
    }
  }
}

const OPTIONS = [
  ...DECAY_OPTIONS,
  ...PROGRESS_OPTIONS,
  'layers',
  'ignore',
  ...IMPORTANCE_OPTIONS,
  'scope',
  'roundTo',
  'minChannels',
  'maxSparsity',
] as const;

import type {LayersModel} from '@tensorflow/tfjs-layers';

import type {NormalizationMode} from '../../model/follow_normalization';
import {
  endOf,
  lengthOf,
  positionIn,
  type ScheduleUnit,
  type TrainingPosition,
} from '../../schedule/position';
import type {Schedule, SparsityFunction} from '../../schedule/schedule';
import {
  areFew,
  goalOf,
  isLikeEpochs,
  isUpdateStep,
  lastUpdateStep,
  type UpdateSteps,
} from '../../schedule/updates';
import {OptimizerCallback, type Logs} from './optimizer_callback';

/** When a callback prunes, and how much. */
export interface Timing {
  readonly updates: UpdateSteps;
  readonly unit: ScheduleUnit;
  /** How much; `null` where it follows from something else, such as a threshold. */
  readonly schedule: Schedule | null;
  /** True when training continues a schedule that started earlier. */
  readonly isResuming: boolean;
  readonly normalization: NormalizationMode;
}

/**
 * Base of the callbacks that prune by a schedule: weights, channels or layers.
 * It turns the events of training into positions of the schedule; the class that
 * extends it prunes up to a position.
 *
 * What is pruned is zero after every write to the weights, in training and
 * outside, until `stripPruning` or `releaseMasks`.
 */
export abstract class ScheduledPruning extends OptimizerCallback {
  protected readonly position: TrainingPosition;
  /** The position of the last update. */
  protected updated = -1;
  /** The sparsity when its changes were last told. */
  private told = 0;
  /** Whether it was said that training ends too early. */
  protected isEndTold = false;
  /** Steps of the optimizer at the begin, and whether some were made since. */
  private begunAt = 0;
  private hasStepped = false;

  protected constructor(protected readonly timing: Timing) {
    super(timing.normalization);
    this.position = positionIn(timing.unit);
  }

  /**
   * Training of `model` begins.
   *
   * @returns Whether its weights are new to this callback; if not, it goes on with them.
   */
  protected abstract start(model: LayersModel, step: number): Promise<boolean>;
  /** Prunes up to `position` of the schedule, now or in `settle`. No awaiting here. */
  protected abstract pruneTo(position: number): void;
  /** Does what has to be awaited. */
  protected abstract settle(): Promise<void>;
  /** Training has ended at `position`; all that was due is done. */
  protected async finish(position: number): Promise<void> {
    await this.tellOfEnd(position, this.sparsity);
  }

  /** Writes the sparsity into the logs of a batch, or of an epoch. */
  protected abstract log(logs: NonNullable<Logs>, isEpoch: boolean): void | Promise<void>;
  /** Share of what this callback prunes that is pruned, in [0, 1). */
  abstract get sparsity(): number;
  /** The schedules of all that is pruned, which may differ. */
  protected abstract get schedules(): readonly SparsityFunction[];

  /** Scheduled sparsity after `step` optimizer steps (or epochs), in [0, 1). */
  sparsityAt(step: number): number {
    return this.timing.schedule?.(step) ?? 0;
  }

  /** Whether the last update is done: from then on the masks stay as they are. */
  get hasEnded(): boolean {
    return this.updated >= this.timing.updates.endStep;
  }

  /** Whether masks are updated after `step` optimizer steps (or epochs). */
  isUpdateStep(step: number): boolean {
    return isUpdateStep(this.timing.updates, step);
  }

  protected override async begin(model: LayersModel, step: number): Promise<void> {
    this.updated = -1;
    const isNew = await this.start(model, step);
    this.told = this.sparsity;
    const {className, timing} = this;
    if (isNew && !timing.isResuming && step > timing.updates.beginStep) {
      await this.warn((warnings) => warnings.warnOfLateBegin(className, timing, step));
    }
    const begin = this.position.begin(step, isNew);
    this.begunAt = step;
    this.hasStepped = false;
    this.isEndTold &&= !isNew;
    await this.tellOfPlan(isNew);
    await this.catchUp(begin);
  }

  protected override afterStep(step: number): void {
    this.hasStepped = true;
    const position = this.position.afterStep(step, this.params);
    if (position !== null && this.isUpdateStep(position)) {
      this.updateTo(position);
    }
    this.tellChange();
  }

  /** Called by `fit`. */
  override async onEpochBegin(epoch: number): Promise<void> {
    await this.catchUp(this.position.beginEpoch(epoch));
  }

  /** Called by `fit`. */
  override async onBatchBegin(batch: number, logs?: Logs): Promise<void> {
    this.position.beginBatch(batch);
    await super.onBatchBegin(batch, logs);
  }

  /** Called by `fit`. */
  override async onBatchEnd(batch: number, logs?: Logs): Promise<void> {
    await this.finishUpdate();
    if (logs) {
      await this.log(logs, false);
    }
    await super.onBatchEnd(batch, logs);
  }

  /** Called by `fit`. */
  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    await this.finishUpdate();
    await this.catchUp(this.position.endEpoch(epoch));
    if (logs) {
      await this.log(logs, true);
    }
  }

  protected override async end(step: number): Promise<void> {
    await this.finishUpdate();
    if (this.hasStepped && step === this.begunAt && this.timing.unit === 'step') {
      await this.warn((warnings) => warnings.warnOfNoCount(this.className));
      this.isEndTold = true;
    }
    await this.finish(this.position.end(step));
  }

  /** Warns of what is known already to go wrong in this training. */
  private async tellOfPlan(isNew: boolean): Promise<void> {
    const {className, timing} = this;
    const {unit, schedule, updates} = timing;
    const fit = lengthOf(this.params);
    if (fit === null || schedule === null) {
      return;
    }
    if (isNew && (areFew(updates) || isLikeEpochs(updates.endStep, fit.epochs))) {
      await this.warn((warnings) => warnings.warnOfSchedule(className, timing, fit));
    }
    const {schedules, sparsity} = this;
    if (isNew && !timing.isResuming && sparsity > 0) {
      await this.warn((warnings) => warnings.warnOfMore(className, timing, schedules, sparsity));
    }
    await this.tellOfEnd(endOf(fit, unit, this.position.end(this.begunAt)), null);
  }

  /** Once, as many short fits may follow each other. `sparsity` is `null` where training begins. */
  protected async tellOfEnd(position: number, sparsity: number | null): Promise<void> {
    const {className, timing, schedules} = this;
    if (!this.isEndTold && position < goalOf(timing.updates)) {
      this.isEndTold = !!(await this.warn(({warnOfEarlyEnd}) =>
        warnOfEarlyEnd(className, timing, position, schedules, sparsity),
      ));
    }
  }

  private updateTo(position: number): void {
    this.updated = position;
    this.pruneTo(position);
  }

  /** Makes the last update that was due by `position`; nothing changes if it was made. */
  private async catchUp(position: number | null): Promise<void> {
    const due = position === null ? null : lastUpdateStep(this.timing.updates, position);
    if (due !== null) {
      this.updateTo(due);
      await this.finishUpdate();
    }
  }

  /** Does what has to be awaited, and tells what it has changed. */
  private async finishUpdate(): Promise<void> {
    await this.settle();
    this.tellChange();
  }

  /** Tells of the change since the last time: by default that of what is left, by the sparsity. */
  protected tellChange(share?: number): void {
    const {sparsity, told} = this;
    if (sparsity !== told || share !== undefined) {
      this.told = sparsity;
      this.changed(share ?? Math.abs(sparsity - told) / (1 - Math.min(sparsity, told)));
    }
  }
}

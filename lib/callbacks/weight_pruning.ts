import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {applyMask, maskedVariables} from '../projection/mask';
import type {Gradients} from '../projection/optimizer_step';
import {positionIn, type ScheduleUnit, type TrainingPosition} from '../schedule/position';
import {
  isUpdateStep,
  lastUpdateStep,
  type SparsitySchedule,
  type UpdateSteps,
} from '../schedule/schedule';
import {PROGRESS_OPTIONS, type ProgressArgs, resolveProgress} from '../schedule/unit';
import {warnOfEarlyEnd, warnOfLateBegin, type Scheduled} from '../schedule/warnings';
import {MaskUpdater} from '../weights/mask_updater';
import {resolveSelection, SELECTION_OPTIONS, type SelectionArgs} from '../weights/selection';
import type {Cut} from '../weights/weight_group';
import {OptimizerCallback, type Logs} from './optimizer_callback';

/** Options that all callbacks which prune single weights share. */
export interface WeightPruningArgs extends SelectionArgs, ProgressArgs {}

/** The names of `WeightPruningArgs`, for checking options. */
export const WEIGHT_PRUNING_OPTIONS = [...SELECTION_OPTIONS, ...PROGRESS_OPTIONS] as const;

/**
 * Base of the callbacks that prune single weights to a scheduled sparsity.
 * Pruned weights are zero after every optimizer step, whatever the optimizer,
 * and stay pruned until `stripPruning` makes them plain zeros.
 *
 * It only passes on what happens in training: `TrainingPosition` tells where the
 * schedule is, and `MaskUpdater` prunes.
 */
export abstract class WeightPruning extends OptimizerCallback {
  /** A schedule that goes on in the middle is not late. */
  private readonly isResuming: boolean;
  private readonly unit: ScheduleUnit;
  private readonly position: TrainingPosition;
  protected readonly updater: MaskUpdater;
  /** All variables of the model that are masked, by this callback or another. */
  private masked: LayerVariable[] = [];

  protected constructor(
    private readonly updates: UpdateSteps,
    args: WeightPruningArgs,
    private readonly cut: Cut = {},
  ) {
    super();
    const {unit, resume} = resolveProgress(args);
    const selection = resolveSelection(args);
    this.isResuming = resume || selection.ofRemaining;
    this.unit = unit;
    this.position = positionIn(unit);
    this.updater = new MaskUpdater({...selection, ...cut, resume});
  }

  /** The schedule of weights whose layer has a final sparsity of its own, or of the others. */
  protected abstract schedule(finalSparsity?: number): SparsitySchedule;

  /** Scheduled sparsity after `step` optimizer steps (or epochs), in [0, 1). */
  sparsityAt(step: number): number {
    return this.schedule()(step);
  }

  /** Whether masks are updated after `step` optimizer steps (or epochs). */
  isUpdateStep(step: number): boolean {
    return isUpdateStep(this.updates, step);
  }

  /** Share of its weights that this callback has pruned so far, in [0, 1). */
  get sparsity(): number {
    return this.updater.sparsity;
  }

  protected override async begin(model: LayersModel, step: number): Promise<void> {
    const isNew = await this.updater.begin(model, (final) => this.schedule(final), step);
    if (isNew && !this.isResuming) {
      warnOfLateBegin(this.scheduled(), step);
    }
    await this.catchUp(this.position.begin(step, isNew));
    this.masked = maskedVariables(model);
    this.masked.forEach(applyMask);
  }

  protected override beforeStep(gradients: Gradients): void {
    this.updater.observe(gradients);
  }

  protected override afterStep(step: number): void {
    const position = this.position.afterStep(step, this.params);
    const isDue = position !== null && this.isUpdateStep(position);
    this.update(isDue ? position : this.updater.waiting);
    this.masked.forEach(applyMask);
    this.updater.endStep();
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
    if (logs) {
      logs.sparsity = this.sparsity;
    }
    await this.updater.settle();
    await super.onBatchEnd(batch, logs);
  }

  /** Called by `fit`. */
  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    if (logs) {
      logs.sparsity = await this.updater.measure();
    }
    await this.catchUp(this.position.endEpoch(epoch));
  }

  protected override async end(step: number): Promise<void> {
    await this.updater.end();
    const schedules = this.updater.groups.map(({sparsityAt}) => sparsityAt);
    warnOfEarlyEnd(this.scheduled(), this.position.end(step), schedules, this.sparsity);
  }

  /** Makes the last update that was due by `position`; nothing changes if it was made. */
  private async catchUp(position: number | null): Promise<void> {
    if (position !== null) {
      this.update(lastUpdateStep(this.updates, position));
      await this.updater.settle();
    }
  }

  private update(position: number | null): void {
    if (position !== null) {
      this.updater.update(position, this.model.optimizer.iterations);
      this.masked = maskedVariables(this.model);
    }
  }

  private scheduled(): Scheduled {
    const {updates, unit} = this;
    const schedule = this.cut.threshold === undefined ? this.schedule() : null;
    return {owner: this.className, unit, updates, schedule};
  }
}

import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import type {Gradients} from '../../projection/optimizer_step';
import type {Schedule, SparsityFunction} from '../../schedule/schedule';
import {resolveTiming, TIMING_OPTIONS, type TimingArgs} from '../../schedule/timing';
import {MaskUpdater} from '../../weights/mask_updater';
import {resolveSelection, SELECTION_OPTIONS, type SelectionArgs} from '../../weights/selection';
import {type Cut, weightsOf} from '../../weights/weight_group';
import {logShare} from './log_share';
import type {Logs} from './optimizer_callback';
import {ScheduledPruning} from './scheduled_pruning';

/** Options that all callbacks which prune single weights share. */
export interface WeightPruningArgs extends SelectionArgs, TimingArgs {}

/** The names of `WeightPruningArgs`, for checking options. */
export const WEIGHT_PRUNING_OPTIONS = [...SELECTION_OPTIONS, ...TIMING_OPTIONS] as const;

/** The callback that prunes a weight, or did last. */
const pruners = /* @__PURE__ */ new WeakMap<LayerVariable, WeightPruning>();

/** Base of the callbacks that prune single weights, or patterns of them, to a scheduled sparsity. */
export abstract class WeightPruning extends ScheduledPruning {
  protected readonly updater: MaskUpdater;

  protected constructor(
    private readonly schedule: Schedule,
    args: WeightPruningArgs,
    cut?: Cut,
  ) {
    const {unit, resume, normalization} = resolveTiming(args);
    const selection = resolveSelection(args);
    super({
      updates: schedule.updates,
      unit,
      schedule: cut?.isScheduled === false ? null : schedule,
      isResuming: resume || selection.ofRemaining,
      normalization,
    });
    this.updater = new MaskUpdater({...selection, cut, resume});
  }

  /** Share of its weights that this callback has pruned so far, in [0, 1). */
  get sparsity(): number {
    return this.updater.sparsity;
  }

  protected get schedules(): SparsityFunction[] {
    return this.updater.groups.map(({sparsityAt}) => sparsityAt);
  }

  protected override async start(model: LayersModel, step: number): Promise<boolean> {
    const {schedule} = this;
    const scheduleTo = (final?: number) => (final === undefined ? schedule : schedule.to(final));
    const isNew = await this.updater.begin(model, scheduleTo, step);
    await this.claim();
    if (isNew && !this.timing.isResuming && this.timing.schedule) {
      const zeros = await this.updater.looseZeros();
      const isPlanned = this.timing.unit === 'step' && this.sparsityAt(step) >= zeros;
      if (zeros > 0 && !isPlanned) {
        await this.warn((warnings) => warnings.warnOfZeros(this.className, zeros));
      }
    }
    return isNew;
  }

  /** Warns where another callback prunes the same weights in this training: the larger sparsity wins. */
  private async claim(): Promise<void> {
    const weights = weightsOf(this.updater.groups);
    const other = weights
      .map(({variable}) => pruners.get(variable))
      .find((each) => each !== this && each?.isActive);
    if (other) {
      await this.warn((warnings) => warnings.warnOfTwo(this.className, other.className));
    }
    weights.forEach(({variable}) => pruners.set(variable, this));
  }

  protected override beforeStep(gradients: Gradients): void {
    this.updater.observe(gradients);
  }

  protected override afterStep(step: number): void {
    super.afterStep(step);
    if (this.updater.waiting !== null) {
      this.pruneTo(this.updater.waiting);
      this.tellChange();
    }
    this.updater.endStep();
  }

  protected override pruneTo(position: number): void {
    this.updater.update(position, this.step);
  }

  protected override settle(): Promise<void> {
    return this.updater.settle();
  }

  protected override async finish(position: number): Promise<void> {
    this.updater.end();
    await super.finish(position);
  }

  protected override async log(logs: NonNullable<Logs>, isEpoch: boolean): Promise<void> {
    logShare(logs, 'sparsity', isEpoch ? await this.updater.measure() : this.updater.share);
  }
}

import type {Tensor} from '@tensorflow/tfjs-core';
import {add, scalar, stack, sum, tidy} from '@tensorflow/tfjs-core';
import type {Callback, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {Scorer} from '../criterion';
import {PruningError} from '../errors';
import {FiniteWatch} from '../finite_watch';
import type {LayerSelection} from '../layer_selection';
import {applyMask, maskedVariables, maskFromZeros, maskOf, readWeight, setMask} from '../mask';
import type {Gradients} from '../optimizer_step';
import {sparsityOf} from '../pattern';
import {prunableWeights, type SelectedWeight} from '../prunable';
import {isUpdateStep, lastUpdateStep, type SparsitySchedule, type UpdateSteps} from '../schedule';
import {resolveSelection, SELECTION_OPTIONS, type SelectionArgs} from '../selection_args';
import type {Threshold} from '../threshold';
import {check, checkChoice} from '../validate';
import {
  groupWeights,
  planMasks,
  weightsOf,
  type MaskUpdate,
  type Selection,
  type WeightGroup,
} from '../weight_group';
import {OptimizerCallback} from './optimizer_callback';

type Logs = Parameters<Callback['onEpochEnd']>[1];

/** Options that all callbacks which prune single weights share. */
export interface WeightPruningArgs extends SelectionArgs {
  /**
   * What `beginStep`, `endStep` and `frequency` count: optimizer steps since
   * `compile`, or epochs. Default: `'step'`.
   */
  unit?: 'step' | 'epoch';
  /**
   * Take the zeros in the weights as already pruned, to go on with a model that
   * was saved while it was being pruned. Default: `false`.
   */
  resume?: boolean;
}

/** The names of `WeightPruningArgs`, for checking options. */
export const WEIGHT_PRUNING_OPTIONS = [...SELECTION_OPTIONS, 'unit', 'resume'] as const;

const ADVICE = 'lower the learning rate, or look for a NaN in the data';

/**
 * Base of the callbacks that prune single weights to a scheduled sparsity.
 * Pruned weights are zero after every optimizer step, whatever the optimizer,
 * and stay pruned until `stripPruning` makes them plain zeros.
 */
export abstract class WeightPruning extends OptimizerCallback {
  private readonly args: Required<Pick<WeightPruningArgs, 'scope' | 'unit' | 'ofRemaining'>>;
  private readonly resume: boolean;
  private readonly layers?: LayerSelection;
  private readonly scorer: Scorer;
  private readonly selection: Selection;
  /** The sparsity that the structure has by itself. */
  private readonly fixedSparsity: number | undefined;
  private groups: WeightGroup[] = [];
  /** All variables of the model that are masked, by this callback or another. */
  private masked: LayerVariable[] = [];
  private epochsDone = 0;
  /** The epoch and batch under way; −1 for a batch that nobody has announced. */
  private epoch = 0;
  private batch = -1;
  /** Added to `fit`'s epochs, which start at 0 again in a second fit. */
  private epochOffset: number | null = null;
  private watch = new FiniteWatch([], '');
  private scoreWatch = new FiniteWatch([], '');
  /** The position of an update that waits for the first gradients. */
  private waiting: number | null = null;
  /** Whether the number of zeros is known only on the device. */
  private isCountStale = false;

  protected constructor(
    private readonly updates: UpdateSteps,
    args: WeightPruningArgs,
    threshold?: Threshold,
  ) {
    super();
    const {layers, criterion, scope, minKeep, structure, ofRemaining, seed} =
      resolveSelection(args);
    const {unit = 'step', resume = false} = args;
    checkChoice('unit', unit, ['step', 'epoch']);
    check(typeof resume === 'boolean', 'resume', 'true or false', resume);
    this.layers = layers;
    this.scorer = new Scorer(criterion, seed);
    this.selection = {structure, minKeep, threshold};
    this.fixedSparsity = sparsityOf(structure);
    this.args = {scope, unit, ofRemaining};
    // What remains is counted from the zeros, masked or not.
    this.resume = resume || ofRemaining;
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
    const total = (key: 'size' | 'count') =>
      this.groups.reduce((all, group) => all + group[key], 0);
    return this.groups.length === 0 ? 0 : total('count') / total('size');
  }

  protected override async begin(model: LayersModel, step: number): Promise<void> {
    const weights = prunableWeights(model, this.layers);
    weights.forEach(({sparsity}) => this.checkFinalSparsity(sparsity));
    const groups = groupWeights(weights, this.args.scope, (final) => this.schedule(final));
    await this.startWatching(weightsOf(groups), step);
    this.scorer.dispose();
    this.waiting = null;
    this.epochOffset = null;
    this.batch = -1;
    const isNew = !goesOn(this.groups, groups);
    if (isNew) {
      this.groups = groups;
      this.epochsDone = 0;
      this.warnIfLate(step);
    }
    if (this.resume && (isNew || !this.args.ofRemaining)) {
      this.variables()
        .filter((variable) => !maskOf(variable))
        .forEach(maskFromZeros);
    }
    if (isNew) {
      await this.countPruned();
    }
    if (isNew && this.args.ofRemaining) {
      this.groups.forEach((group) => (group.base = group.count));
    }
    if (this.args.unit === 'step') {
      this.catchUp(step);
      await this.throwIfSpoilt();
    }
    this.masked = maskedVariables(model);
    this.masked.forEach(applyMask);
  }

  protected override beforeStep(gradients: Gradients): void {
    if (this.scorer.isObserving) {
      this.scorer.observe(weightsOf(this.groups), gradients);
    }
  }

  protected override afterStep(step: number): void {
    const position = this.args.unit === 'step' ? step : this.epochEnding();
    if (position !== null && this.isUpdateStep(position)) {
      this.update(position);
    } else if (this.waiting !== null) {
      this.update(this.waiting);
    }
    this.masked.forEach(applyMask);
    this.scorer.endStep();
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    this.epochOffset ??= Math.max(0, this.epochsDone - epoch);
    this.epoch = epoch + this.epochOffset;
    if (this.args.unit === 'epoch') {
      this.catchUp(this.epoch);
      await this.throwIfSpoilt();
    }
  }

  override async onBatchBegin(batch: number): Promise<void> {
    this.batch = batch;
  }

  override async onBatchEnd(batch: number, logs?: Logs): Promise<void> {
    if (logs) {
      logs.sparsity = this.sparsity;
    }
    await this.throwIfSpoilt();
    await super.onBatchEnd(batch, logs);
  }

  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    if (logs) {
      logs.sparsity = await this.measure();
    }
    this.epochsDone = epoch + 1 + (this.epochOffset ?? 0);
    if (this.args.unit === 'epoch') {
      this.catchUp(this.epochsDone);
      await this.throwIfSpoilt();
    }
  }

  protected override async end(step: number): Promise<void> {
    await this.throwIfSpoilt();
    this.scorer.dispose();
    const {beginStep, endStep} = this.updates;
    const position = this.args.unit === 'step' ? step : this.epochsDone;
    const goal = Number.isFinite(endStep) ? endStep : beginStep;
    if (position < goal) {
      const name = goal === endStep ? 'endStep' : 'beginStep';
      console.warn(
        `${this.constructor.name}: training ended ${goal - position} ${this.args.unit}` +
          `${goal - position === 1 ? '' : 's'} before ` +
          `${name} (${goal}); the sparsity is ${this.sparsity.toFixed(4)}, not ` +
          `${this.sparsityAt(goal)}. Train longer, or lower ${name}.`,
      );
    }
  }

  /**
   * The epochs done once this step is, at the last step of an epoch: updated
   * there, masks are the ones that `fit` validates. `null` at any other step,
   * and where the number of batches is unknown: then `onEpochEnd` updates.
   */
  private epochEnding(): number | null {
    // A loop over trainOnBatch has no params.
    const {steps, samples, batchSize} = (this.params ?? {}) as Record<string, number | null>;
    const batches = steps ?? (samples && batchSize ? Math.ceil(samples / batchSize) : null);
    return this.batch + 1 === batches ? this.epoch + 1 : null;
  }

  /** Takes up what was pruned before: by another callback, or in a model that was loaded. */
  private async countPruned(): Promise<void> {
    const zeros = await this.maskZeros();
    let i = 0;
    for (const group of this.groups) {
      group.count = group.weights.reduce((count) => count + zeros[i++], 0);
    }
  }

  /** Makes the last update that was due by `position`; nothing changes if it was made. */
  private catchUp(position: number): void {
    const due = lastUpdateStep(this.updates, position);
    if (due !== null) {
      this.update(due);
    }
  }

  private update(position: number): void {
    if (this.scorer.isWaiting) {
      this.waiting = position;
      return;
    }
    this.waiting = null;
    const step = this.model.optimizer.iterations;
    const weights = weightsOf(this.groups);
    const poison = this.watch.look(
      step,
      weights.map(({variable}) => readWeight(variable)),
    );
    try {
      for (const {group, count, sparsity, masks} of this.plan(position, step, poison)) {
        group.weights.forEach(({variable}, i) => setMask(variable, masks[i]));
        group.count = count;
        group.reached = sparsity;
        const {structure, threshold, minKeep} = this.selection;
        this.isCountStale ||= (structure ?? threshold) !== undefined || minKeep > 0;
      }
    } catch (error) {
      this.watch.dispose();
      throw error;
    } finally {
      poison.dispose();
    }
    this.scorer.restart();
    this.masked = maskedVariables(this.model);
  }

  /** The next masks; none change where a weight or a score of the user's function is a NaN. */
  private plan(position: number, step: number, poison: Tensor): MaskUpdate[] {
    const plan = (score: (weight: SelectedWeight) => Tensor) =>
      planMasks(this.groups, position, this.selection, score);
    if (this.scorer.customName === undefined) {
      return plan((weight) => add(this.scorer.score(weight, step), poison));
    }
    const weights = weightsOf(this.groups);
    const scores = tidy(() => weights.map((weight) => this.scorer.score(weight, step)));
    const other = this.scoreWatch.look(step, scores);
    const updates = plan((weight) => add(add(scores[weights.indexOf(weight)], poison), other));
    [...scores, other].forEach((tensor) => tensor.dispose());
    return updates;
  }

  private async startWatching(weights: readonly SelectedWeight[], step: number): Promise<void> {
    this.watch.dispose();
    const names = weights.map(({name}) => `weight '${name}'`);
    this.watch = new FiniteWatch(names, ADVICE);
    this.scoreWatch.dispose();
    const scored = weights.map(({name}) => `${this.scorer.customName} for '${name}'`);
    this.scoreWatch = new FiniteWatch(scored, 'look at what the criterion divides by');
    const now = weights.map(({variable}) => readWeight(variable));
    this.watch.look(step, now).dispose();
    await this.watch.throwIfSpoilt();
  }

  /** Throws where a final sparsity is not the one that N:M has. */
  protected checkFinalSparsity(sparsity: number | undefined): void {
    const fixed = this.fixedSparsity;
    if (fixed !== undefined && sparsity !== undefined && Math.abs(sparsity - fixed) > 1e-6) {
      throw new PruningError('sparsity', `${fixed}, which n of m gives`, sparsity);
    }
  }

  /** Throws for what was seen since the last time, and counts what only the device knows. */
  private async throwIfSpoilt(): Promise<void> {
    await this.watch.throwIfSpoilt();
    await this.scoreWatch.throwIfSpoilt();
    if (this.isCountStale) {
      this.isCountStale = false;
      await this.countPruned();
    }
  }

  /** Share of zeros in the masks, other callbacks' included. */
  private async measure(): Promise<number> {
    const zeros = await this.maskZeros();
    const size = this.groups.reduce((all, group) => all + group.size, 0);
    return zeros.reduce((all, count) => all + count, 0) / size;
  }

  /** The zeros in each weight's mask; 0 for a weight without one. One small read. */
  private async maskZeros(): Promise<number[]> {
    const masks = this.variables().map(maskOf);
    const sums = tidy(() => stack(masks.map((mask) => (mask ? sum(mask) : scalar(0)))));
    const kept = await sums.data();
    sums.dispose();
    return masks.map((mask, i) => (mask ? mask.size - kept[i] : 0));
  }

  private variables(): LayerVariable[] {
    return weightsOf(this.groups).map(({variable}) => variable);
  }

  private warnIfLate(step: number): void {
    const {beginStep, endStep} = this.updates;
    if (this.args.unit === 'step' && !this.resume && step > beginStep && endStep < Infinity) {
      console.warn(
        `${this.constructor.name}: the optimizer has done ${step} steps since compile(), so ` +
          `pruning starts there, at a sparsity of ${this.sparsityAt(step).toFixed(4)}, and not at ` +
          `beginStep (${beginStep}). Compile the model again to count from 0, or add ${step} to ` +
          `beginStep and endStep.`,
      );
    }
  }
}

/** Whether `former` are the same weights, with their masks: then counting goes on. */
function goesOn(former: readonly WeightGroup[], next: readonly WeightGroup[]): boolean {
  const old = weightsOf(former);
  const now = weightsOf(next);
  return (
    old.length === now.length &&
    old.every(({variable}, i) => variable === now[i].variable) &&
    former.every(
      ({count, weights}) => count === 0 || weights.every(({variable}) => maskOf(variable)),
    )
  );
}

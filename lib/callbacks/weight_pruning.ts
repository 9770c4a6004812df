import type {Callback, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {FiniteWatch} from '../finite_watch';
import {applyMask, maskedVariables, maskFromZeros, maskOf, setMask} from '../mask';
import {checkLayerSelection, prunableWeights, type LayerSelection} from '../prunable';
import {countZeros} from '../report';
import {isUpdateStep, lastUpdateStep, type SparsitySchedule, type UpdateSteps} from '../schedule';
import {check, checkChoice} from '../validate';
import {groupWeights, planMasks, weightsOf, type WeightGroup} from '../weight_group';
import {OptimizerCallback} from './optimizer_callback';

type Logs = Parameters<Callback['onEpochEnd']>[1];

/** Options that all callbacks which prune single weights share. */
export interface WeightPruningArgs {
  /**
   * Which layers: a predicate over layers, a list of names, or a map from name
   * to that layer's final sparsity, where `false` leaves it alone. Default: all
   * kernels of dense, convolutional and recurrent layers, and embeddings.
   */
  layers?: LayerSelection;
  /**
   * `'layer'`: each weight gets the sparsity. `'global'`: all weights together
   * do, and the smallest go wherever they are; layers with a sparsity of their
   * own in `layers` stand apart. Default: `'layer'`.
   */
  scope?: 'layer' | 'global';
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
export const WEIGHT_PRUNING_OPTIONS = ['layers', 'scope', 'unit', 'resume'] as const;

/**
 * Base of the callbacks that prune single weights to a scheduled sparsity.
 * Pruned weights are zero after every optimizer step, whatever the optimizer,
 * and stay pruned until `stripPruning` makes them plain zeros.
 */
export abstract class WeightPruning extends OptimizerCallback {
  private readonly args: Required<Omit<WeightPruningArgs, 'layers'>>;
  private readonly layers?: LayerSelection;
  private groups: WeightGroup[] = [];
  /** All variables of the model that are masked, by this callback or another. */
  private masked: LayerVariable[] = [];
  private epochsDone = 0;
  /** The epoch and batch under way; −1 for a batch that nobody has announced. */
  private epoch = 0;
  private batch = -1;
  /** Added to `fit`'s epochs, which start at 0 again in a second fit. */
  private epochOffset: number | null = null;
  private watch = new FiniteWatch([]);

  protected constructor(
    private readonly updates: UpdateSteps,
    {layers, scope = 'layer', unit = 'step', resume = false}: WeightPruningArgs,
  ) {
    super();
    if (layers !== undefined) {
      checkLayerSelection(layers);
    }
    checkChoice('scope', scope, ['layer', 'global']);
    checkChoice('unit', unit, ['step', 'epoch']);
    check(typeof resume === 'boolean', 'resume', 'true or false', resume);
    this.layers = layers;
    this.args = {scope, unit, resume};
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
    const groups = groupWeights(weights, this.args.scope, (final) => this.schedule(final));
    this.watch.dispose();
    this.watch = new FiniteWatch(weightsOf(groups));
    this.watch.look(step).dispose();
    await this.watch.throwIfSpoilt();
    this.epochOffset = null;
    this.batch = -1;
    if (!goesOn(this.groups, groups)) {
      this.groups = groups;
      this.epochsDone = 0;
      this.warnIfLate(step);
    }
    if (this.args.resume) {
      this.variables()
        .filter((variable) => !maskOf(variable))
        .forEach(maskFromZeros);
    }
    await this.countPruned();
    if (this.args.unit === 'step') {
      this.catchUp(step);
      await this.watch.throwIfSpoilt();
    }
    this.masked = maskedVariables(model);
    this.masked.forEach(applyMask);
  }

  protected override afterStep(step: number): void {
    const position = this.args.unit === 'step' ? step : this.epochEnding();
    if (position !== null && this.isUpdateStep(position)) {
      this.update(position);
    }
    this.masked.forEach(applyMask);
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    this.epochOffset ??= Math.max(0, this.epochsDone - epoch);
    this.epoch = epoch + this.epochOffset;
    if (this.args.unit === 'epoch') {
      this.catchUp(this.epoch);
      await this.watch.throwIfSpoilt();
    }
  }

  override async onBatchBegin(batch: number): Promise<void> {
    this.batch = batch;
  }

  override async onBatchEnd(batch: number, logs?: Logs): Promise<void> {
    if (logs) {
      logs.sparsity = this.sparsity;
    }
    await this.watch.throwIfSpoilt();
    await super.onBatchEnd(batch, logs);
  }

  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    if (logs) {
      logs.sparsity = await this.measure();
    }
    this.epochsDone = epoch + 1 + (this.epochOffset ?? 0);
    if (this.args.unit === 'epoch') {
      this.catchUp(this.epochsDone);
      await this.watch.throwIfSpoilt();
    }
  }

  protected override async end(step: number): Promise<void> {
    await this.watch.throwIfSpoilt();
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
    const poison = this.watch.look(this.model.optimizer.iterations);
    for (const {group, count, masks} of planMasks(this.groups, position, poison)) {
      group.weights.forEach(({variable}, i) => setMask(variable, masks[i]));
      group.count = count;
    }
    poison.dispose();
    this.masked = maskedVariables(this.model);
  }

  /** Share of zeros in the masks, other callbacks' included. */
  private async measure(): Promise<number> {
    const zeros = await this.maskZeros();
    const size = this.groups.reduce((all, group) => all + group.size, 0);
    return zeros.reduce((all, count) => all + count, 0) / size;
  }

  /** The zeros in each weight's mask; 0 for a weight without one. */
  private async maskZeros(): Promise<number[]> {
    const masks = this.variables().map(maskOf);
    const counts = await countZeros(masks.flatMap((mask) => mask ?? []));
    return masks.map((mask) => (mask ? counts.shift()! : 0));
  }

  private variables(): LayerVariable[] {
    return weightsOf(this.groups).map(({variable}) => variable);
  }

  private warnIfLate(step: number): void {
    const {beginStep, endStep} = this.updates;
    if (this.args.unit === 'step' && !this.args.resume && step > beginStep && endStep < Infinity) {
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

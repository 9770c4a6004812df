import type {Tensor} from '@tensorflow/tfjs-core';
import {
  concat,
  greaterEqual,
  isFinite as isFiniteTensor,
  keep,
  logicalNot,
  ones,
  reshape,
  scalar,
  split,
  stack,
  sum,
  tidy,
  where,
} from '@tensorflow/tfjs-core';
import type {Callback, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {magnitude} from '../criterion';
import {PruningError} from '../errors';
import {applyMask, maskedVariables, maskFromZeros, maskOf, readWeight, setMask} from '../mask';
import {
  checkLayerSelection,
  prunableWeights,
  type LayerSelection,
  type SelectedWeight,
} from '../prunable';
import {countZeros} from '../report';
import {isUpdateStep, lastUpdateStep, type SparsitySchedule, type UpdateSteps} from '../schedule';
import {pruneCount, pruneSmallest} from '../threshold';
import {check, checkChoice} from '../validate';
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

/** Weights that are ranked together. */
interface Group {
  readonly weights: readonly SelectedWeight[];
  readonly size: number;
  readonly sparsityAt: SparsitySchedule;
  /** How many of them were pruned at the last update. */
  count: number;
}

/** A group's next masks, and for each of its weights whether it holds a NaN or infinity. */
interface Update {
  readonly group: Group;
  readonly count: number;
  readonly masks: Tensor[];
  readonly spoilt: Tensor[];
}

/**
 * Base of the callbacks that prune single weights to a scheduled sparsity.
 * Pruned weights are zero after every optimizer step, whatever the optimizer,
 * and stay pruned until `stripPruning` makes them plain zeros.
 */
export abstract class WeightPruning extends OptimizerCallback {
  private readonly args: Required<Omit<WeightPruningArgs, 'layers'>>;
  private readonly layers?: LayerSelection;
  private groups: Group[] = [];
  /** All variables of the model that are masked, by this callback or another. */
  private masked: LayerVariable[] = [];
  /** Position in the schedule of the last update; `null` before the first. */
  private updatedAt: number | null = null;
  private epochsDone = 0;
  /** Added to `fit`'s epochs, which start at 0 again in a second fit. */
  private epochOffset: number | null = null;
  /** For each weight the step at which a NaN was first seen, or −1. */
  private spoiltAt: Tensor | null = null;

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
    const groups = this.groupsOf(prunableWeights(model, this.layers));
    this.epochOffset = null;
    this.disposeSpoilt();
    if (!goesOn(this.groups, groups)) {
      this.groups = groups;
      this.updatedAt = null;
      this.epochsDone = 0;
      this.warnIfLate(step);
    }
    if (this.args.resume) {
      this.variables()
        .filter((variable) => !maskOf(variable))
        .forEach(maskFromZeros);
    }
    if (this.args.unit === 'step') {
      await this.catchUp(step);
    }
    this.applyMasks();
  }

  protected override afterStep(step: number): void {
    if (this.args.unit === 'step' && this.isUpdateStep(step)) {
      const updates = this.planUpdate(step);
      this.noteSpoilt(updates, step);
      this.commit(updates, step);
    }
    this.masked.forEach(applyMask);
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    if (this.args.unit === 'epoch') {
      this.epochOffset ??= Math.max(0, this.epochsDone - epoch);
      await this.catchUp(epoch + this.epochOffset);
    }
  }

  override async onBatchEnd(batch: number, logs?: Logs): Promise<void> {
    if (logs) {
      logs.sparsity = this.sparsity;
    }
    await this.throwIfSpoilt();
    await super.onBatchEnd(batch, logs);
  }

  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    if (this.args.unit === 'epoch') {
      this.epochsDone = epoch + 1 + (this.epochOffset ?? 0);
      await this.catchUp(this.epochsDone);
    }
    if (logs) {
      logs.sparsity = await this.measure();
    }
  }

  protected override async end(step: number): Promise<void> {
    await this.throwIfSpoilt();
    const {beginStep, endStep} = this.updates;
    const position = this.args.unit === 'step' ? step : this.epochsDone;
    const goal = Number.isFinite(endStep) ? endStep : beginStep;
    if (position < goal) {
      const name = goal === endStep ? 'endStep' : 'beginStep';
      console.warn(
        `${this.constructor.name}: training ended ${goal - position} ${this.args.unit}s before ` +
          `${name} (${goal}); the sparsity is ${this.sparsity.toFixed(4)}, not ` +
          `${this.sparsityAt(goal)}. Train longer, or lower ${name}.`,
      );
    }
  }

  private groupsOf(weights: readonly SelectedWeight[]): Group[] {
    const together = (weight: SelectedWeight) =>
      this.args.scope === 'global' && weight.sparsity === undefined;
    const lists = weights.filter((weight) => !together(weight)).map((weight) => [weight]);
    if (weights.some(together)) {
      lists.push(weights.filter(together));
    }
    return lists.map((list) => ({
      weights: list,
      size: list.reduce((all, {variable}) => all + readWeight(variable).size, 0),
      sparsityAt: this.schedule(list[0].sparsity),
      count: 0,
    }));
  }

  /** Makes the last update that was due by `position`, unless it was made. */
  private async catchUp(position: number): Promise<void> {
    const due = lastUpdateStep(this.updates, position);
    if (due !== null && (this.updatedAt === null || this.updatedAt < due)) {
      const updates = this.planUpdate(due);
      this.noteSpoilt(updates, position);
      try {
        await this.throwIfSpoilt();
      } catch (error) {
        updates.forEach(({masks}) => masks.forEach((mask) => mask.dispose()));
        throw error;
      }
      this.commit(updates, due);
    }
  }

  /** The masks of all groups at `position`, so that a failure half-way changes none. */
  private planUpdate(position: number): Update[] {
    return this.groups.flatMap((group) => {
      const count = pruneCount(group.size, group.sparsityAt(position));
      const done = count <= group.count && group.weights.every(({variable}) => maskOf(variable));
      return done || count === 0 ? [] : [{group, count, ...selectMasks(group, count)}];
    });
  }

  private commit(updates: readonly Update[], position: number): void {
    for (const {group, count, masks} of updates) {
      group.weights.forEach(({variable}, i) => setMask(variable, masks[i]));
      group.count = count;
    }
    this.updatedAt = position;
    this.applyMasks();
  }

  private applyMasks(): void {
    this.masked = maskedVariables(this.model);
    this.masked.forEach(applyMask);
  }

  /** Remembers on the device which weights hold a NaN; read later, where awaiting is possible. */
  private noteSpoilt(updates: readonly Update[], step: number): void {
    if (updates.length === 0) {
      return;
    }
    const former = this.spoiltAt;
    this.spoiltAt = tidy(() => {
      const flags = this.groups.flatMap((group) => {
        const update = updates.find((candidate) => candidate.group === group);
        return update?.spoilt ?? group.weights.map(() => scalar(false, 'bool'));
      });
      const now = where(stack(flags), step, -1);
      return keep(former ? where(greaterEqual(former, 0), former, now) : now);
    });
    former?.dispose();
    updates.forEach(({spoilt}) => spoilt.forEach((flag) => flag.dispose()));
  }

  private async throwIfSpoilt(): Promise<void> {
    if (this.spoiltAt === null) {
      return;
    }
    const steps = await this.spoiltAt.data();
    this.disposeSpoilt();
    const index = steps.findIndex((step) => step >= 0);
    if (index >= 0) {
      const {name} = this.groups.flatMap(({weights}) => weights)[index];
      throw new PruningError(
        `weight '${name}' at step ${steps[index]}`,
        'finite numbers',
        'NaN or infinity: lower the learning rate, or look for a NaN in the data',
      );
    }
  }

  private disposeSpoilt(): void {
    this.spoiltAt?.dispose();
    this.spoiltAt = null;
  }

  /** Share of zeros in the masks, other callbacks' included. */
  private async measure(): Promise<number> {
    const variables = this.variables();
    const zeros = await countZeros(variables.flatMap((variable) => maskOf(variable) ?? []));
    const size = this.groups.reduce((all, group) => all + group.size, 0);
    return zeros.reduce((all, count) => all + count, 0) / size;
  }

  private variables(): LayerVariable[] {
    return this.groups.flatMap(({weights}) => weights.map(({variable}) => variable));
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

function selectMasks(group: Group, count: number): Pick<Update, 'masks' | 'spoilt'> {
  return tidy(() => {
    const scores = group.weights.map(({variable}) => magnitude(readWeight(variable)));
    const spoilt = scores.map((score) => logicalNot(isFiniteTensor(sum(score))));
    const masks = group.weights.map(({variable}) => maskOf(variable));
    if (scores.length === 1) {
      return {masks: [pruneSmallest(scores[0], masks[0] ?? null, count)], spoilt};
    }
    const before = masks.some((mask) => mask)
      ? flat(masks.map((mask, i) => mask ?? ones(scores[i].shape)))
      : null;
    const parts = split(
      pruneSmallest(flat(scores), before, count),
      scores.map(({size}) => size),
    );
    return {masks: parts.map((part, i) => reshape(part, scores[i].shape)), spoilt};
  });
}

function flat(tensors: readonly Tensor[]): Tensor {
  return concat(tensors.map((tensor) => reshape(tensor, [-1])));
}

/** Whether `former` are the same weights, with their masks: then counting goes on. */
function goesOn(former: readonly Group[], next: readonly Group[]): boolean {
  const variables = (groups: readonly Group[]) =>
    groups.flatMap(({weights}) => weights.map(({variable}) => variable));
  const old = variables(former);
  const now = variables(next);
  return (
    old.length === now.length &&
    old.every((variable, i) => variable === now[i]) &&
    former.every(
      ({count, weights}) => count === 0 || weights.every(({variable}) => maskOf(variable)),
    )
  );
}

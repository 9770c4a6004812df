import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {countZeros, sumOf} from '../base/count_zeros';
import {Pace} from '../base/yielding';
import {readWeight} from '../model/read_weight';
import {maskOf, maskZeros, setMask} from '../projection/mask';
import type {Gradients} from '../projection/optimizer_step';
import type {SparsityFunction} from '../schedule/schedule';
import {loadWays} from './load_ways';
import type {ResolvedSelection} from './selection';
import {checkPatternSparsity} from './structure';
import type {Score} from './watched_scores';
import type {Ways} from './ways';
import {type Cut, type MaskUpdate, planMasks, type WeightGroup, weightsOf} from './weight_group';

/** What masks are made by. */
export interface MaskUpdaterArgs extends ResolvedSelection {
  readonly cut?: Cut;
  /** Whether zeros in the weights count as pruned, as they always do of what remains. */
  readonly resume: boolean;
}

/**
 * Updates the masks of a model's weights, and knows how many are pruned. The
 * caller decides when to update.
 *
 * What runs inside the optimizer (`observe`, `update`, `endStep`) reads nothing.
 * What is then known on the device alone, `settle` reads where awaiting is possible.
 */
export class MaskUpdater {
  groups: readonly WeightGroup[] = [];
  /** Known once training has begun. */
  protected ways: Ways | null = null;
  /** The position of an update that waits for the first gradients, and is due after any step. */
  waiting: number | null = null;
  /** Whether the number of zeros is known only on the device. */
  private isCountStale = false;

  constructor(private readonly args: MaskUpdaterArgs) {}

  /** Share of the weights that is pruned, in [0, 1). */
  get sparsity(): number {
    const {pruned, size} = this.share;
    return size === 0 ? 0 : pruned / size;
  }

  /** How many of the weights are pruned, as far as that is known without a read. */
  get share(): {pruned: number; size: number} {
    return {
      pruned: sumOf(this.groups.map(({count}) => count)),
      size: sumOf(this.groups.map(({size}) => size)),
    };
  }

  /**
   * Training of `model` begins, after `step` optimizer steps. What was pruned
   * before counts: by another callback, or in a model that was loaded.
   *
   * @param schedule Makes the schedule for a final sparsity; `undefined` for the usual one.
   * @returns Whether its weights are new; if not, counting goes on.
   * @throws PruningError where there is nothing to prune, and where a weight is not finite.
   */
  async begin(
    model: LayersModel,
    schedule: (finalSparsity?: number) => SparsityFunction,
    step: number,
  ): Promise<boolean> {
    const {structure, resume, ofRemaining, cut} = this.args;
    this.ways ??= await loadWays(this.args);
    const {scores, group, weightsOf: weightsIn} = this.ways;
    const weights = weightsIn(model);
    for (const {name, sparsity, variable} of weights) {
      const isFit = !structure || variable.shape.length > 1;
      check(isFit, 'structure', `none for '${name}', which is no matrix`, structure);
      checkPatternSparsity(structure, sparsity);
    }
    scores.scorer.check?.(weights);
    const groups = group(weights, schedule);
    const isNew = !goesOn(this.groups, groups);
    const begun = isNew ? groups : this.groups;
    await scores.watch(weightsOf(begun), step);
    this.groups = begun;
    scores.scorer.dispose?.();
    this.waiting = null;
    // What remains is counted from the zeros, masked or not.
    if (ofRemaining ? isNew : resume) {
      const pace = new Pace(50);
      for (const {variable} of weightsOf(this.groups)) {
        maskZeros(variable);
        await pace.rest();
      }
    }
    if (isNew) {
      await this.count();
    }
    weightsOf(begun).forEach(({variable}) => cut?.prepare?.(variable));
    if (isNew && ofRemaining) {
      groups.forEach((group) => (group.base = group.count));
    }
    return isNew;
  }

  /** Takes up the gradients of a step that is about to be applied. */
  observe(gradients: Gradients): void {
    this.ways?.scores.scorer.observe?.(weightsOf(this.groups), gradients);
  }

  /**
   * Updates the masks to `position` of the schedules, after `step` optimizer
   * steps; or once there are the gradients that the criterion needs. No mask
   * changes where a weight or a score is not finite, or something throws.
   */
  update(position: number, step: number): void {
    const {scores} = this.ways!;
    if (scores.scorer.isWaiting) {
      this.waiting = position;
      return;
    }
    this.waiting = null;
    this.take(scores.with(step, (score) => this.plan(this.groups, position, score)));
  }

  /** The next masks of `groups`, which are all or some. */
  protected plan(groups: readonly WeightGroup[], position: number, score: Score): MaskUpdate[] {
    return planMasks(groups, position, {...this.args, ...this.ways!}, score);
  }

  /** Gives the weights their new masks. */
  protected take(updates: readonly MaskUpdate[]): void {
    for (const {group, count, sparsity, masks} of updates) {
      group.weights.forEach(({variable}, i) => setMask(variable, masks[i]));
      group.count = count;
      group.reached = sparsity;
      const {structure, cut, minKeep} = this.args;
      this.isCountStale ||= (structure ?? cut) !== undefined || minKeep > 0;
    }
    this.ways!.scores.scorer.restart?.();
  }

  /** The step's gradients are about to be disposed. */
  endStep(): void {
    this.ways?.scores.scorer.endStep?.();
  }

  /**
   * Reads what the device knows since the last time.
   *
   * @throws PruningError where a weight or a score was not finite.
   */
  async settle(): Promise<void> {
    await this.ways?.scores.throwIfSpoilt();
    if (this.isCountStale) {
      this.isCountStale = false;
      await this.count();
    }
  }

  /** Zeros in the masks, those of other callbacks included; one small read. */
  async measure(): Promise<{pruned: number; size: number}> {
    const zeros = await this.maskZeros();
    return {pruned: sumOf(zeros), size: this.share.size};
  }

  /** The share of the weights that is zero in weights without a mask; not those that are zero as a whole. */
  async looseZeros(): Promise<number> {
    const weights = weightsOf(this.groups).map(({variable}) => variable);
    const zeros = await countZeros(
      weights.map((variable) => (maskOf(variable) ? undefined : readWeight(variable))),
    );
    const some = zeros.filter((count, i) => count < readWeight(weights[i]).size);
    return sumOf(some) / this.share.size;
  }

  /** Training has ended. */
  end(): void {
    this.ways?.tell?.(this.groups);
    this.ways?.scores.scorer.dispose?.();
  }

  private async count(): Promise<void> {
    const zeros = await this.maskZeros();
    for (const group of this.groups) {
      group.count = sumOf(zeros.splice(0, group.weights.length));
    }
  }

  /** The zeros in each weight's mask; 0 for a weight without one. One small read. */
  private maskZeros(): Promise<number[]> {
    return countZeros(weightsOf(this.groups).map(({variable}) => maskOf(variable)));
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

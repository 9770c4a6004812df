import type {LayersModel} from '@tensorflow/tfjs-layers';

import {PruningError} from '../base/errors';
import {listed} from '../base/listed';
import type {Gradients} from '../projection/optimizer_step';
import type {SparsityFunction} from '../schedule/schedule';
import {pruneCount} from '../weights/prune_count';
import type {ChannelScope} from './channel_choice';
import type {Scorer} from './channel_scorer';
import {type ChannelLimits, chooseChannels, type Normalize} from './choose_channels';
import {checkGroupNames, type GroupSize, groupSizeOf} from './group_size';
import {type ChannelGroup, channelGroups} from './groups/channel_groups';
import {kindOfGroup} from './groups/kind';
import {type GroupSelection, type SelectedGroup, selectGroups} from './groups/select_groups';
import {maskChannels} from './mask_channels';
import {isMasked, maskedChannels, zeroChannels} from './silent_channels';

/** What channels are pruned by. */
export interface ChannelUpdaterArgs extends GroupSelection {
  readonly scorer: Scorer;
  /** Which channels are ranked together. */
  readonly scope: ChannelScope;
  readonly limits: ChannelLimits;
  /** How scores of several groups are made to compare. Default: `'mean'`. */
  readonly normalize?: Normalize;
  /** How many channels in a row go together. Default: 1. */
  readonly groupSize?: GroupSize;
  /** Whether channels that are zero count as pruned. */
  readonly resume: boolean;
}

/** A group of channels, and what is pruned of it. */
interface PrunedGroup extends SelectedGroup {
  readonly sparsityAt: SparsityFunction;
  readonly pruned: Set<number>;
  /** How many channels in a row go together. */
  readonly together: number;
}

/**
 * Masks channels of a model, and knows which are pruned. The caller decides when
 * to update.
 */
export class ChannelUpdater {
  private groups: readonly PrunedGroup[] = [];
  /** The position of the last update since training began. */
  private reached: number | null = null;
  /** Channels that limits keep, in words. */
  private kept: string[] = [];

  constructor(private readonly args: ChannelUpdaterArgs) {}

  /** Share of the channels that is pruned, in [0, 1). */
  get sparsity(): number {
    const {pruned, size} = this.share;
    return size === 0 ? 0 : pruned / size;
  }

  /** How many of the channels are pruned. */
  get share(): {pruned: number; size: number} {
    return {pruned: totalPruned(this.groups), size: total(this.groups)};
  }

  /** The schedules of the groups. */
  get schedules(): SparsityFunction[] {
    return this.groups.map(({sparsityAt}) => sparsityAt);
  }

  /** What keeps the sparsity from being that of the last update; nothing where it is. */
  get shortfalls(): readonly string[] {
    return this.kept;
  }

  /**
   * Training of `model` begins. What was pruned before counts: by another
   * callback, or in a model that was loaded.
   *
   * @param schedule Makes the schedule for a final sparsity; `undefined` for the usual one.
   * @returns Whether its channels are new; if not, it goes on with those of the last training.
   * @throws PruningError where there is nothing to prune, or nothing to score it by.
   */
  async begin(
    model: LayersModel,
    schedule: (finalSparsity?: number) => SparsityFunction,
  ): Promise<boolean> {
    const {scorer, resume, groupSize = 1} = this.args;
    const all = channelGroups(model);
    const selected = selectGroups(model, all, this.args);
    const groups = selected.map(({group}) => group);
    checkGroupNames(all, groupSize);
    const together = groups.map((group) => groupSizeOf(group, groupSize));
    await scorer.begin(model, groups);
    if (resume) {
      const zero = await zeroChannels(groups);
      groups.forEach((group, i) =>
        maskChannels(
          group,
          [...zero[i]].filter((channel) => group.reasons[channel] === undefined),
        ),
      );
    }
    const pruned = await maskedChannels(groups);
    const isNew = !goesOn(this.groups, groups);
    this.groups = selected.map((each, i) => ({
      ...each,
      sparsityAt: schedule(each.sparsity),
      pruned: pruned[i],
      together: together[i],
    }));
    this.reached = null;
    this.kept = [];
    return isNew;
  }

  /** Takes up the gradients of a step that is about to be applied. */
  observe(gradients: Gradients): void {
    this.args.scorer.observe(gradients);
  }

  /**
   * Masks channels up to `position` of the schedules; nothing changes if that was
   * done. One small read where channels are to go.
   *
   * @returns False if it has to wait for the gradients of a step.
   * @throws PruningError where a score is not finite.
   */
  async update(model: LayersModel, position: number, step: number): Promise<boolean> {
    if (this.args.scorer.isWaiting) {
      return false;
    }
    if (this.reached === position) {
      return true;
    }
    this.reached = position;
    const pools = this.pools().map((together) => ({
      together,
      count: pruneCount(total(together), together[0].sparsityAt(position)),
    }));
    this.kept = [];
    if (pools.every(({together, count}) => totalPruned(together) >= count)) {
      return true;
    }
    const scores = await this.readScores(model, step);
    for (const {together, count} of pools) {
      const ranked = together.map((each) => ({...each, scores: scores.get(each)!}));
      const {channels, missing, because} = chooseChannels(
        ranked,
        count,
        this.args.limits,
        this.args.normalize,
      );
      channels.forEach((gone, i) => {
        const {group, pruned} = together[i];
        maskChannels(group, gone);
        gone.forEach((channel) => pruned.add(channel));
      });
      if (missing > 0) {
        this.kept.push(describeShortfall(together, count, because));
      }
    }
    return true;
  }

  /** Training has ended. */
  end(): void {
    this.args.scorer.dispose();
  }

  /** The groups whose channels are ranked together. */
  private pools(): PrunedGroup[][] {
    const {scope} = this.args;
    const pools = new Map<unknown, PrunedGroup[]>();
    for (const each of this.groups) {
      const isAlone = scope === 'layer' || each.sparsity !== undefined;
      const key = isAlone ? each : scope === 'global' ? scope : kindOfGroup(each.group);
      pools.set(key, [...(pools.get(key) ?? []), each]);
    }
    return [...pools.values()];
  }

  private async readScores(
    model: LayersModel,
    step: number,
  ): Promise<Map<PrunedGroup, Float32Array>> {
    const scores = await this.args.scorer.score(model, this.groups);
    const read = await scores.data<'float32'>();
    scores.dispose();
    let offset = 0;
    return new Map(
      this.groups.map((each) => {
        const own = read.slice(offset, (offset += each.group.size));
        checkFinite(own, each.group, step);
        return [each, own];
      }),
    );
  }
}

function total(groups: readonly SelectedGroup[]): number {
  return groups.reduce((all, {group}) => all + group.size, 0);
}

function totalPruned(groups: readonly PrunedGroup[]): number {
  return groups.reduce((all, {pruned}) => all + pruned.size, 0);
}

/** Whether `former` are the same channels, with their masks. */
function goesOn(former: readonly PrunedGroup[], next: readonly ChannelGroup[]): boolean {
  return (
    former.length === next.length &&
    former.every(
      ({group, pruned}, i) =>
        group.members[0].variable === next[i].members[0].variable &&
        (pruned.size === 0 || isMasked(group)),
    )
  );
}

function describeShortfall(
  together: readonly PrunedGroup[],
  count: number,
  because: readonly string[],
): string {
  const names = listed(together.map(({group}) => `'${group.name}'`));
  return (
    `${totalPruned(together)} of ${total(together)} channels of ${names}, not ${count} ` +
    `(${because.join(', ')})`
  );
}

function checkFinite(scores: Float32Array, {name}: ChannelGroup, step: number): void {
  if (!scores.every(Number.isFinite)) {
    throw new PruningError(
      `importance of the channels of '${name}' at step ${step}`,
      'finite numbers',
      'NaN or infinity: lower the learning rate, or look for a NaN in the data',
    );
  }
}

/** Warns where limits have kept the sparsity from being reached. */
export function warnOfShortfalls(owner: string, shortfalls: readonly string[]): void {
  if (shortfalls.length > 0) {
    console.warn(
      `${owner}: limits prevent the full sparsity. Pruned are ${shortfalls.join('; ')}.`,
    );
  }
}

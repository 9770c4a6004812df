import type {Callback, layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {decayTo, resolveDecay, type DecayArgs} from '../decay_args';
import {PruningError} from '../errors';
import type {LayerSelection} from '../layer_selection';
import {applyMask, maskedVariables} from '../mask';
import {isUpdateStep, lastUpdateStep, type SparsitySchedule, type UpdateSteps} from '../schedule';
import type {Gradients} from '../optimizer_step';
import {channelGroups, type ChannelGroup} from '../structure/channel_groups';
import {ChannelScorer, IMPORTANCE_OPTIONS, type ImportanceArgs} from '../structure/channel_scorer';
import {type ChannelLimits, chooseChannels} from '../structure/choose_channels';
import {maskChannels} from '../structure/mask_channels';
import {maskedChannels} from '../structure/masked_channels';
import {checkGroupSelection, type SelectedGroup, selectGroups} from '../structure/select_groups';
import {pruneCount} from '../threshold';
import {check, checkChoice, checkInteger, checkOptions} from '../validate';
import {OptimizerCallback} from './optimizer_callback';

type Logs = Parameters<Callback['onEpochEnd']>[1];

/** Options that the callbacks which prune whole channels share. */
export interface StructuredPruningArgs extends DecayArgs, ImportanceArgs {
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

/** A group of channels, and what is pruned of it. */
interface PrunedGroup extends SelectedGroup {
  readonly sparsityAt: SparsitySchedule;
  readonly pruned: Set<number>;
}

/**
 * Base of the callbacks that prune whole channels to a scheduled sparsity.
 *
 * Scores are computed on the device and read, one number a channel, where `fit`
 * next waits: in `onBatchEnd` of that step, before the next one. So only the
 * last update of an epoch is not yet in what `fit` validates there. In a loop of
 * `trainOnBatch`, `await onBatchEnd(batch)` after each step; without it the last
 * update is made in `onTrainEnd`.
 */
export abstract class StructuredPruning extends OptimizerCallback {
  private readonly updates: UpdateSteps;
  private readonly decay: Required<DecayArgs>;
  private readonly layers?: LayerSelection;
  private readonly ignore: readonly string[];
  private readonly scope: 'layer' | 'global';
  private readonly limits: ChannelLimits;
  private readonly scorer: ChannelScorer;
  private groups: PrunedGroup[] = [];
  /** All variables of the model that are masked, by this callback or another. */
  private masked: LayerVariable[] = [];
  /** The step of an update that is due. */
  private due: number | null = null;

  protected constructor(owner: string, args: StructuredPruningArgs) {
    checkOptions(owner, args, OPTIONS);
    const decay = resolveDecay(args);
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
    this.layers = layers;
    this.ignore = ignore;
    this.scope = scope;
    this.limits = {roundTo, minChannels, maxSparsity};
    this.scorer = scorer;
  }

  /** Whether channels that these layers make together are pruned here. */
  protected abstract isOfKind(makers: readonly layers.Layer[]): boolean;

  /** Scheduled sparsity after `step` optimizer steps, in [0, 1). */
  sparsityAt(step: number): number {
    return this.schedule()(step);
  }

  /** Whether masks are updated after `step` optimizer steps. */
  isUpdateStep(step: number): boolean {
    return isUpdateStep(this.updates, step);
  }

  /** Share of its channels that this callback has pruned so far, in [0, 1). */
  get sparsity(): number {
    const size = total(this.groups);
    return size === 0 ? 0 : totalPruned(this.groups) / size;
  }

  protected override async begin(model: LayersModel, step: number): Promise<void> {
    const selected = selectGroups(channelGroups(model), {
      isOfKind: (makers) => this.isOfKind(makers),
      layers: this.layers,
      ignore: this.ignore,
    });
    const found = selected.map(({group}) => group);
    await this.scorer.begin(model, found);
    const pruned = await maskedChannels(found);
    this.groups = selected.map((group, i) => ({
      ...group,
      sparsityAt: this.schedule(group.sparsity),
      pruned: pruned[i],
    }));
    this.due = lastUpdateStep(this.updates, step);
    await this.update();
    this.masked = maskedVariables(model);
    this.masked.forEach(applyMask);
  }

  protected override beforeStep(gradients: Gradients): void {
    const isOver = this.model.optimizer.iterations >= this.updates.endStep;
    if (!isOver || this.due !== null) {
      this.scorer.observe(gradients);
    }
  }

  protected override afterStep(step: number): void {
    this.masked.forEach(applyMask);
    if (this.isUpdateStep(step)) {
      this.due = step;
    }
  }

  override async onBatchEnd(batch: number, logs?: Logs): Promise<void> {
    await this.update();
    this.log(logs);
    await super.onBatchEnd(batch, logs);
  }

  override async onEpochEnd(_epoch: number, logs?: Logs): Promise<void> {
    await this.update();
    this.log(logs);
  }

  protected override async end(step: number): Promise<void> {
    await this.update();
    this.scorer.dispose();
    const {endStep} = this.updates;
    if (step < endStep) {
      console.warn(
        `${this.constructor.name}: training ended ${endStep - step} ` +
          `step${endStep - step === 1 ? '' : 's'} before endStep (${endStep}); the sparsity is ` +
          `${this.sparsity.toFixed(4)}, not ${this.sparsityAt(endStep)}. Train longer, or lower ` +
          `endStep.`,
      );
    }
  }

  private schedule(finalSparsity = this.decay.finalSparsity): SparsitySchedule {
    return decayTo(this.decay, finalSparsity);
  }

  private log(logs: Logs): void {
    if (logs) {
      logs.sparsity = this.sparsity;
    }
  }

  /** Makes the update that is due, if any; one small read where channels are to go. */
  private async update(): Promise<void> {
    const step = this.due;
    if (step === null || this.scorer.isWaiting) {
      return;
    }
    this.due = null;
    const pools = this.pools().map((together) => ({
      together,
      count: pruneCount(total(together), together[0].sparsityAt(step)),
    }));
    if (pools.every(({together, count}) => totalPruned(together) >= count)) {
      return;
    }
    const scores = await this.readScores(step);
    for (const {together, count} of pools) {
      const ranked = together.map((each) => ({...each, scores: scores.get(each)!}));
      chooseChannels(ranked, count, this.limits).forEach((channels, i) => {
        const {group, pruned} = together[i];
        maskChannels(group, channels);
        channels.forEach((channel) => pruned.add(channel));
      });
    }
    this.masked = maskedVariables(this.model as LayersModel);
  }

  /** The groups whose channels are ranked together. */
  private pools(): PrunedGroup[][] {
    const isPooled = ({sparsity}: SelectedGroup) =>
      this.scope === 'global' && sparsity === undefined;
    const pool = this.groups.filter(isPooled);
    const others = this.groups.filter((each) => !isPooled(each)).map((each) => [each]);
    return pool.length > 0 ? [...others, pool] : others;
  }

  private async readScores(step: number): Promise<Map<PrunedGroup, Float32Array>> {
    const scores = await this.scorer.score(this.model as LayersModel, this.groups);
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

const OPTIONS = [
  'initialSparsity',
  'finalSparsity',
  'beginStep',
  'endStep',
  'power',
  'frequency',
  'layers',
  'ignore',
  ...IMPORTANCE_OPTIONS,
  'scope',
  'roundTo',
  'minChannels',
  'maxSparsity',
] as const;

function total(groups: readonly SelectedGroup[]): number {
  return groups.reduce((all, {group}) => all + group.size, 0);
}

function totalPruned(groups: readonly PrunedGroup[]): number {
  return groups.reduce((all, {pruned}) => all + pruned.size, 0);
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

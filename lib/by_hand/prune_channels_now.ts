import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkOptions, checkSparsity} from '../base/check';
import {checkStoppable, type Stoppable} from '../base/stoppable';
import {
  CHANNEL_CHOICE_OPTIONS,
  type ChannelChoiceArgs,
  resolveChannelChoice,
} from '../channels/channel_choice';
import {
  ChannelScorer,
  IMPORTANCE_OPTIONS,
  type ImportanceArgs,
  type Scorer,
} from '../channels/channel_scorer';
import {ChannelUpdater, warnOfShortfalls} from '../channels/channel_updater';
import {channelGroups} from '../channels/groups/channel_groups';
import {areFilters, areUnits} from '../channels/groups/kind';
import {checkImportance, type Importance, measureOf} from '../channels/importance';
import {hasOpen, selectionOfKind} from '../channels/kind_selection';
import {maskChannels} from '../channels/mask_channels';
import {checkNamedChannels, namedChannels, type NamedChannels} from '../channels/named_channels';
import {checkSamples} from '../data/samples';
import {checkModel} from '../model/check_model';
import {orUndone} from '../projection/model_state';
import {pruneByData} from '../reconstruct/prune_by_data';
import type {ReconstructReport} from '../reconstruct/reconstruct';
import {ReconstructionScorer} from '../reconstruct/reconstruction_scorer';
import type {ReconstructProgress} from '../reconstruct/sequence';
import {constantSparsity} from '../schedule/constant';

/** Arguments of `pruneChannelsNow`; `channels`, `neurons` or both. */
export interface PruneChannelsNowArgs
  extends Omit<ImportanceArgs, 'importance'>, ChannelChoiceArgs, Stoppable<ReconstructProgress> {
  /**
   * The share of the filters of convolutions to prune, at least 0 and below 1. Or the
   * indices of the outputs to prune, by layer: `{conv1: [2, 6, 9]}`. These may also be
   * units, and everything coupled to them is pruned too.
   */
  channels?: number | NamedChannels;
  /** The share of the units of dense and recurrent layers and of embeddings to prune, in [0, 1). */
  neurons?: number;
  /**
   * The score of a channel; the lowest are pruned first. `'reconstruction'`, with
   * `calibration` only, is the error of the layers that read the channel, after the other
   * channels have made up for its loss. Default: `'reconstruction'` with `calibration`,
   * and `'l2'` without.
   */
  importance?: Importance | 'reconstruction';
}

/**
 * Prunes whole channels of `model` once, without training: filters of convolutions, and
 * units of dense and recurrent layers and of embeddings, with everything coupled to them.
 * `shrink` then removes them.
 *
 * With `calibration`, a few hundred inputs, it then adjusts the layers that read the
 * channels, as `reconstruct` does, to make up for the pruned channels. It needs labels
 * only if the importance does. The model need not be compiled.
 *
 * @returns What the reconstruction did; empty without `calibration`.
 * @throws PruningError for an argument out of its range, an unknown option or layer, a
 *   channel that must stay, a model that has nothing to prune, and samples that it does
 *   not take; the model is then as before.
 * @example
 * await pruneChannelsNow(model, {channels: 0.5, neurons: 0.5, calibration: {x}});
 * const smaller = await shrink(stripPruning(model));
 * @example
 * await pruneChannelsNow(model, {channels: {conv2d_1: [2, 6, 9]}});
 */
export async function pruneChannelsNow(
  model: LayersModel,
  args: PruneChannelsNowArgs,
): Promise<ReconstructReport> {
  checkModel(model);
  checkOptions('pruneChannelsNow', args, OPTIONS);
  checkStoppable(args);
  const {channels, neurons, calibration, signal, onProgress} = args;
  if (calibration !== undefined) {
    checkSamples('calibration', calibration, 'inputs');
  }
  check(
    calibration !== undefined || (signal === undefined && onProgress === undefined),
    signal === undefined ? 'onProgress' : 'signal',
    "none without 'calibration'",
    signal ?? onProgress,
  );
  const isAny = channels !== undefined || neurons !== undefined;
  check(isAny, 'channels', 'a share or indices of channels, or neurons', channels);
  const prune =
    typeof channels === 'object' ? namedPruning(model, args, channels) : pruning(model, args);
  return orUndone(model, () => pruneByData(model, {calibration, signal, onProgress}, prune));
}

const OPTIONS = [
  ...['channels', 'neurons', 'signal', 'onProgress'],
  ...IMPORTANCE_OPTIONS,
  ...CHANNEL_CHOICE_OPTIONS,
];

const KINDS = {channels: areFilters, neurons: areUnits};

/** Prunes the channels that are named. */
function namedPruning(
  model: LayersModel,
  args: PruneChannelsNowArgs,
  named: NamedChannels,
): () => Promise<void> {
  checkNamedChannels('channels', named);
  for (const option of [
    'neurons',
    'importance',
    'reduce',
    'seed',
    ...CHANNEL_CHOICE_OPTIONS,
  ] as const) {
    const expected = 'none, since channels are named';
    check(args[option] === undefined, option, expected, args[option]);
  }
  const chosen = namedChannels(channelGroups(model), named, 'channels');
  for (const [{name, size}, gone] of chosen) {
    check(gone.size < size, 'channels', `fewer than the ${size} channels of '${name}'`, gone.size);
  }
  return async () => chosen.forEach((gone, group) => maskChannels(group, gone));
}

/** Prunes the least important channels and units. */
function pruning(model: LayersModel, args: PruneChannelsNowArgs): () => Promise<void> {
  const {channels, neurons} = args;
  const {layers, ...choice} = resolveChannelChoice(args);
  const scorerFor = scorersOf(args);
  const shares = {channels, neurons};
  const asked = (['channels', 'neurons'] as const).filter((kind) => shares[kind] !== undefined);
  asked.forEach((kind) => checkSparsity(kind, shares[kind]));
  const groups = channelGroups(model);
  // A model may have channels of one kind only.
  const open = asked.filter((kind) => hasOpen(groups, KINDS[kind]));
  // Where all of them must stay, the reason is told of a kind that the model has.
  const present = asked.filter((kind) => groups.some(KINDS[kind]));
  const kinds = [open, present, asked].find(({length}) => length > 0)!;
  const updaters = kinds.flatMap((kind) => {
    const isOfKind = KINDS[kind];
    const own = kinds.length > 1 ? selectionOfKind(groups, isOfKind, layers) : layers;
    const scorer = scorerFor();
    const share = shares[kind] as number;
    const settings = {...choice, isOfKind, scorer, resume: true};
    return own === null ? [] : [{share, updater: new ChannelUpdater({...settings, layers: own})}];
  });
  const step = model.optimizer?.iterations ?? 0;
  return async () => {
    const missing: string[] = [];
    for (const {share, updater} of updaters) {
      await updater.begin(model, (own = share) => constantSparsity({sparsity: own}));
      try {
        await updater.update(model, 0, step);
        missing.push(...updater.shortfalls);
      } finally {
        updater.end();
      }
    }
    warnOfShortfalls('pruneChannelsNow', missing);
  };
}

/** Makes the scorers of channels and of units. */
function scorersOf(args: PruneChannelsNowArgs): () => Scorer {
  const {calibration, importance = calibration ? 'reconstruction' : 'l2', reduce, seed} = args;
  if (importance === 'reconstruction') {
    const expected = "inputs, which importance 'reconstruction' looks at";
    check(calibration !== undefined, 'calibration', expected, calibration);
    check(reduce === undefined, 'reduce', "none for importance 'reconstruction'", reduce);
    // One for both: what units are worth tells what the channels before them are worth.
    const scorer = new ReconstructionScorer(calibration, args.signal);
    return () => scorer;
  }
  checkImportance(importance);
  check(
    importance !== 'taylor' || calibration !== undefined,
    'calibration',
    "data {x, y} or a dataset, which importance 'taylor' looks at",
    calibration,
  );
  // Others than those that look at data refuse them.
  const looks = measureOf(importance).data !== 'none';
  return () => new ChannelScorer({importance, reduce, seed, ...(looks ? {calibration} : {})});
}

import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkOptions} from '../base/check';
import {readVectors} from '../base/read_vectors';
import {ChannelScorer, IMPORTANCE_OPTIONS, type ImportanceArgs} from '../channels/channel_scorer';
import {type ChannelSparsity, describeChannels} from '../channels/channel_sparsity';
import type {ChannelKind, ChannelRole} from '../channels/graph/channel_graph';
import {channelGroups as groupsOf, type ChannelGroup} from '../channels/groups/channel_groups';
import {areFilters, areUnits} from '../channels/groups/kind';
import {silentFlags} from '../channels/silent_channels';
import {checkModel} from '../model/check_model';

/** A group of channels that are pruned together, with their weights and readers. */
export interface ListedChannels extends ChannelSparsity {
  /** Whether `ChannelPruner` prunes them (`'filters'`) or `NeuronPruner` (`'units'`); `null` for neither. */
  kind: ChannelKind | null;
  /** The score of each channel, lowest for the least important; empty if all must stay. */
  scores: number[];
  /** The weights that contain the channels, and on which axis. */
  weights: Array<{
    /** Path of the weight: `'block/conv2d_1/kernel'`. */
    name: string;
    /** The axis of the channels, counted from 0. */
    axis: number;
    /** The role of the weight: `'producer'` produces the channels, `'consumer'` reads them. */
    role: ChannelRole;
  }>;
  /** Names of the layers that read the channels. */
  readers: string[];
}

/**
 * Lists the groups of channels of `model` that are pruned together: the score of each
 * channel, the weights that contain it, and whether and why it must stay. Changes
 * nothing.
 *
 * Use it to set the options of the pruners: names of layers, and indices of channels to
 * keep (`ignore`) or to prune (`channels` of `pruneChannelsNow`).
 *
 * @param args How channels are scored, as in the pruners. Default: by `'l2'`.
 * @throws PruningError for a value that is not a LayersModel, an unknown option, and data
 *   that the importance needs or does not look at.
 * @example
 * const [first] = await channelGroups(model);
 * console.log(first.name, first.size, first.kind); //=> conv2d_1 8 filters
 * console.log(first.readers.join()); //=> dense_1
 * const best = first.scores.indexOf(Math.max(...first.scores));
 * new ChannelPruner({...schedule, ignore: {conv2d_1: [best]}});
 */
export async function channelGroups(
  model: LayersModel,
  args: ImportanceArgs = {},
): Promise<ListedChannels[]> {
  checkModel(model);
  checkOptions('channelGroups', args, IMPORTANCE_OPTIONS);
  const {importance, calibration} = args;
  const needsData = importance === 'taylor' && calibration === undefined;
  check(
    !needsData,
    'calibration',
    "data {x, y} or a dataset, which importance 'taylor' looks at",
    calibration,
  );
  const groups = groupsOf(model);
  const flags = await readVectors<'int32'>(() => silentFlags(groups));
  const scores = await scoresOf(
    model,
    groups.filter(({frozen}) => frozen === undefined),
    args,
  );
  return describeChannels(groups, flags).map((described, i) => {
    const group = groups[i];
    const {members, readers} = group;
    return {
      ...described,
      kind: areFilters(group) ? 'filters' : areUnits(group) ? 'units' : null,
      scores: scores.get(group) ?? [],
      weights: members.map(({name, axis, role}) => ({name, axis, role})),
      readers: [...new Set(readers.map(({layer}) => layer.name))],
    };
  });
}

async function scoresOf(
  model: LayersModel,
  open: readonly ChannelGroup[],
  args: ImportanceArgs,
): Promise<Map<ChannelGroup, number[]>> {
  const scorer = new ChannelScorer(args);
  if (open.length === 0) {
    return new Map();
  }
  try {
    await scorer.begin(model, open);
    const scores = await scorer.score(
      model,
      open.map((group) => ({group, pruned: new Set<number>()})),
    );
    const read = await scores.data();
    scores.dispose();
    let offset = 0;
    return new Map(
      open.map((group) => [group, Array.from(read.slice(offset, (offset += group.size)))]),
    );
  } finally {
    scorer.dispose();
  }
}

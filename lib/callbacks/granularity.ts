import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import type {ImportanceArgs} from '../channels/channel_scorer';
import {channelGroups} from '../channels/groups/channel_groups';
import {areFilters, areUnits} from '../channels/groups/kind';
import {selectGroups} from '../channels/groups/select_groups';
import {unwarnedOfLag} from '../model/follow_normalization';
import type {LayerSelection} from '../model/layer_selection';
import {weightsToPrune} from '../model/prunable';
import {readWeight} from '../model/read_weight';
import type {DecayArgs} from '../schedule/decay';
import type {Criterion} from '../weights/criterion';
import {ChannelPruner} from './channel_pruner';
import {NeuronPruner} from './neuron_pruner';
import {PolynomialDecay} from './polynomial_decay';

/** What is pruned as a whole: single weights, filters of convolutions, or units. */
export type Granularity = 'weight' | 'channel' | 'neuron';

/** The values of `Granularity`. */
export const GRANULARITIES = ['weight', 'channel', 'neuron'] as const;

/** A layer, or layers whose channels go together. */
export interface PrunableLayer {
  /** Path of the (first) layer's name, as the pruners' `layers` takes it. */
  readonly name: string;
  /** Number of weights or channels that may be pruned. */
  readonly size: number;
}

/** Arguments of a pruner of any granularity. */
export interface PrunerArgs extends DecayArgs, Scoring {
  layers?: LayerSelection;
  scope?: 'layer' | 'global';
  minKeep?: number;
}

/** Which weights matter, or which channels: a criterion, or an importance. */
export interface Scoring extends Pick<ImportanceArgs, 'importance' | 'calibration' | 'seed'> {
  criterion?: Criterion;
}

/**
 * The layers of `model` that a pruner of this granularity would prune.
 *
 * @throws PruningError where a name is unknown or nothing is left to prune.
 */
export function prunableLayers(
  model: LayersModel,
  granularity: Granularity,
  selection?: LayerSelection,
): PrunableLayer[] {
  if (granularity !== 'weight') {
    const isOfKind = granularity === 'channel' ? areFilters : areUnits;
    const groups = selectGroups(model, channelGroups(model), {
      isOfKind,
      layers: selection,
      ignore: [],
    });
    return groups.map(({group: {name, size}}) => ({name, size}));
  }
  const sizes = new Map<string, number>();
  for (const {name, variable} of weightsToPrune(model, selection)) {
    const layer = name.slice(0, name.lastIndexOf('/'));
    sizes.set(layer, (sizes.get(layer) ?? 0) + readWeight(variable).size);
  }
  return [...sizes].map(([name, size]) => ({name, size}));
}

/** The callback that prunes gradually at this granularity. */
export function makePruner(
  granularity: Granularity,
  args: PrunerArgs,
): PolynomialDecay | ChannelPruner | NeuronPruner {
  switch (granularity) {
    case 'weight':
      return new PolynomialDecay(args);
    case 'channel':
      return new ChannelPruner(args);
    case 'neuron':
      return new NeuronPruner(args);
  }
}

/**
 * Prunes as the callback does in a fit without a batch; the masks stay. It does not warn that
 * normalizations lag behind: the model is only measured.
 */
export async function pruneAtOnce(
  model: LayersModel,
  granularity: Granularity,
  args: Omit<PrunerArgs, keyof DecayArgs>,
  sparsity: number,
): Promise<void> {
  const step = model.optimizer?.iterations ?? 0;
  const at = {initialSparsity: sparsity, finalSparsity: sparsity, beginStep: step, endStep: step};
  const pruner = makePruner(granularity, {...args, ...at});
  pruner.setModel(model);
  await unwarnedOfLag(model, async () => {
    await pruner.onTrainBegin();
    await pruner.onTrainEnd();
  });
}

/** Throws where an option is the other granularity's. */
export function checkScoring(granularity: Granularity, scoring: Scoring): void {
  const others: (keyof Scoring)[] =
    granularity === 'weight' ? ['importance', 'calibration'] : ['criterion'];
  const expected = granularity === 'weight' ? 'criterion' : 'importance';
  for (const other of others) {
    const value: unknown = scoring[other];
    check(value === undefined, other, `'${expected}' for granularity '${granularity}'`, value);
  }
}

import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {sumOf} from '../base/count_zeros';
import type {ImportanceArgs} from '../channels/channel_scorer';
import {channelGroups} from '../channels/groups/channel_groups';
import {areFilters, areUnits} from '../channels/groups/kind';
import {selectGroups} from '../channels/groups/select_groups';
import type {Candidate} from '../model/candidates';
import {meantBy} from '../model/choose_weights';
import {unwarnedOfLag} from '../model/follow_normalization';
import type {LayerSelection} from '../model/layer_selection';
import type {LayerWeight} from '../model/layer_walk';
import {type SelectedWeight, weightsToPrune} from '../model/prunable';
import {pruneCandidates, trainingCandidates} from '../model/prune_candidates';
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

/** A layer, one weight of it that was asked for, or layers whose channels go together. */
export interface PrunableLayer {
  /** Path of the (first) layer's name, or of the weight, as the pruners' `layers` takes it. */
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
    const isOfKind = kindOf(granularity);
    const groups = selectGroups(model, channelGroups(model), {
      isOfKind,
      layers: selection,
      ignore: [],
    });
    return groups.map(({group: {name, size}}) => ({name, size}));
  }
  const layers = new Map<string, SelectedWeight[]>();
  for (const weight of weightsToPrune(model, selection)) {
    const layer = layerOf(weight);
    layers.set(layer, [...(layers.get(layer) ?? []), weight]);
  }
  const candidates = trainingCandidates(model);
  return [...layers].flatMap(([layer, weights]) => {
    const sizes = weights.map(({name, variable}) => ({name, size: readWeight(variable).size}));
    return isWhole(candidates, layer, weights)
      ? [{name: layer, size: sumOf(sizes.map(({size}) => size))}]
      : sizes;
  });
}

/** What a pruner of this granularity would prune as well, were it not for `selection`. */
export function leftAlone(
  model: LayersModel,
  granularity: Granularity,
  selection?: LayerSelection,
): string[] {
  if (selection === undefined) {
    return [];
  }
  if (granularity !== 'weight') {
    const chosen = new Set(prunableLayers(model, granularity, selection).map(({name}) => name));
    const isOfKind = kindOf(granularity);
    return channelGroups(model)
      .filter((group) => isOfKind(group) && group.frozen === undefined && !chosen.has(group.name))
      .map(({name}) => name);
  }
  const chosen = new Set(weightsToPrune(model, selection).map(({variable}) => variable));
  return pruneCandidates(model)
    .filter(({byDefault, variable}) => byDefault && !chosen.has(variable))
    .map(({name}) => name);
}

function kindOf(granularity: 'channel' | 'neuron') {
  return granularity === 'channel' ? areFilters : areUnits;
}

/** Whether the name of `layer` means these of its weights, and no others. */
function isWhole(
  candidates: readonly Candidate[],
  layer: string,
  weights: readonly SelectedWeight[],
): boolean {
  const meant = meantBy(candidates, layer).filter((weight) => layerOf(weight) === layer);
  const chosen = weights.map(({variable}) => variable);
  return meant.length === chosen.length && meant.every(({variable}) => chosen.includes(variable));
}

/** The path of the layer of a weight. */
function layerOf({name}: LayerWeight): string {
  return name.slice(0, name.lastIndexOf('/'));
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

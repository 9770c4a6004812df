import type {layers, LayersModel} from '@tensorflow/tfjs-layers';

import {checkModel} from '../../model/check_model';
import type {Binding, ChannelGraph} from './channel_graph';
import {ChannelIds} from './channel_ids';
import {traceChannels} from './trace';

/** An axis of a weight, and which channel of a group each of its positions belongs to. */
export interface ChannelMember extends Omit<Binding, 'ids'> {
  /**
   * The channel's number in the group at each position along `axis`: several
   * positions may have the same, and −1 is for those of other groups.
   */
  readonly channels: readonly number[];
}

/** An input of a layer that sums up channels: where they are seen as activations. */
export interface ChannelReader {
  readonly layer: layers.Layer;
  /** Which of the tensors that the layer is called with. */
  readonly input: number;
  /** The channel axis, counted from the end: −1 is the last. */
  readonly axis: number;
  /** As `channels` of a `ChannelMember`. */
  readonly channels: readonly number[];
}

/**
 * Channels that are pruned together: each can go, but it goes from all members
 * at once. The filters of a convolution are a group, and with them those that
 * are added to theirs, their normalisation, and what reads them.
 */
export interface ChannelGroup {
  /** Path of the first layer that makes the channels: `'block/conv2d_1'`. */
  readonly name: string;
  /** Paths of all layers that make them. */
  readonly layers: readonly string[];
  /** Number of channels. */
  readonly size: number;
  readonly members: readonly ChannelMember[];
  /** The layers that read the channels; a layer that is used again is there once. */
  readonly readers: readonly ChannelReader[];
  /** For each channel, why it must stay, or `undefined` where it can go. */
  readonly reasons: ReadonlyArray<string | undefined>;
  /** The reason, if all channels must stay. */
  readonly frozen: string | undefined;
}

/**
 * The groups of channels of `model`, in the order of its layers. Reads no
 * weights and changes nothing.
 *
 * @throws PruningError for what is not a LayersModel.
 * @example
 * channelGroups(model).map(({name, size, frozen}) => [name, size, frozen]);
 * //=> [['conv2d_1', 32, undefined], ['dense_1', 10, 'an output of the model']]
 */
export function channelGroups(model: LayersModel): ChannelGroup[] {
  checkModel(model);
  return groupsOf(traceChannels(model)).map(({group}) => group);
}

/** A group, and the ids of its channels: one of each, by its number. */
export interface TracedGroup {
  readonly group: ChannelGroup;
  readonly roots: readonly number[];
}

/** The groups in a traced model. */
export function groupsOf(graph: ChannelGraph): TracedGroup[] {
  const rootsOf = (ids: readonly number[]) => ids.map((id) => graph.ids.find(id));
  const producers = graph.bindings.filter(({role}) => role === 'producer');
  // Channels that some layer makes side by side belong to one group.
  const together = new ChannelIds();
  together.fresh(graph.ids.size);
  for (const {ids} of producers) {
    const roots = rootsOf(ids);
    roots.forEach((root) => together.tie(roots[0], root));
  }
  const groups = new Map<number, Set<number>>();
  for (const root of producers.flatMap(({ids}) => rootsOf(ids))) {
    const key = together.find(root);
    groups.set(key, (groups.get(key) ?? new Set<number>()).add(root));
  }
  return [...groups.values()].map((channels) => {
    const roots = [...channels];
    return {roots, group: describe(graph, roots)};
  });
}

function describe(graph: ChannelGraph, roots: readonly number[]): ChannelGroup {
  const numbers = new Map(roots.map((root, i) => [root, i]));
  const numbered = <T extends {ids: readonly number[]}>({ids, ...rest}: T) => {
    const channels = ids.map((id) => numbers.get(graph.ids.find(id)) ?? -1);
    return channels.some((channel) => channel >= 0) ? [{...rest, channels}] : [];
  };
  const members = graph.bindings.flatMap(numbered);
  const readers = readersIn(graph).flatMap(numbered);
  const producers = members.filter(({role}) => role === 'producer');
  const layers = [...new Set(producers.map(({name}) => name.slice(0, name.lastIndexOf('/'))))];
  const reasons = roots.map((root) => graph.ids.reason(root));
  const frozen = reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
  return {name: layers[0], layers, size: roots.length, members, readers, reasons, frozen};
}

/** The inputs of layers that read channels, where a layer sees the same ones at each use. */
function readersIn({readings, ids: known}: ChannelGraph) {
  const uses = [...readings];
  const firsts = uses.filter(({layer}, i) => uses.findIndex((use) => use.layer === layer) === i);
  return firsts.flatMap(({layer, inputs}) =>
    inputs.flatMap(({shape, axis, ids}, input) => {
      const others = uses.filter((use) => use.layer === layer).map((use) => use.inputs[input].ids);
      const isSame = others.every((other) => sameChannels(known, ids, other));
      return isSame ? [{layer, input, axis: axis - shape.length, ids}] : [];
    }),
  );
}

function sameChannels(known: ChannelIds, some: readonly number[], others: readonly number[]) {
  return (
    some.length === others.length && some.every((id, i) => known.find(id) === known.find(others[i]))
  );
}

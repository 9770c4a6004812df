import type {layers, LayersModel} from '@tensorflow/tfjs-layers';

import {checkModel} from '../../model/check_model';
import type {Binding, ChannelGraph, Reading} from '../graph/channel_graph';
import {ChannelIds} from '../graph/channel_ids';
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
 * are added to theirs, their normalization, and what reads them.
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
 * @throws PruningError for a value that is not a LayersModel.
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

/** The groups in a traced model, in time that grows with its weights alone. */
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
  const places = new Map<number, Place>();
  const drafts: Draft[] = [];
  const draftOf = new Map<number, Draft>();
  for (const root of producers.flatMap(({ids}) => rootsOf(ids))) {
    if (!places.has(root)) {
      const key = together.find(root);
      const draft = draftOf.get(key) ?? {roots: [], members: [], readers: []};
      if (!draftOf.has(key)) {
        draftOf.set(key, draft);
        drafts.push(draft);
      }
      places.set(root, {draft, channel: draft.roots.push(root) - 1});
    }
  }
  const placesOf = (ids: readonly number[]) => ids.map((id) => places.get(graph.ids.find(id)));
  for (const {ids, ...binding} of graph.bindings) {
    const found = placesOf(ids);
    draftsIn(found).forEach((draft) =>
      draft.members.push({...binding, channels: numbersIn(draft, found)}),
    );
  }
  for (const {ids, ...reader} of readersIn(graph)) {
    const found = placesOf(ids);
    draftsIn(found).forEach((draft) =>
      draft.readers.push({...reader, channels: numbersIn(draft, found)}),
    );
  }
  return drafts.map((draft) => ({roots: draft.roots, group: describe(graph, draft)}));
}

/** A group that is being put together. */
interface Draft {
  readonly roots: number[];
  readonly members: ChannelMember[];
  readonly readers: ChannelReader[];
}

/** Where a channel is: its group, and its number there. */
interface Place {
  readonly draft: Draft;
  readonly channel: number;
}

function draftsIn(places: ReadonlyArray<Place | undefined>): Set<Draft> {
  return new Set(places.flatMap((place) => (place ? [place.draft] : [])));
}

/** The channels' numbers in one group, −1 for those of others. */
function numbersIn(draft: Draft, places: ReadonlyArray<Place | undefined>): number[] {
  return places.map((place) => (place?.draft === draft ? place.channel : -1));
}

function describe(graph: ChannelGraph, {roots, members, readers}: Draft): ChannelGroup {
  const producers = members.filter(({role}) => role === 'producer');
  const layers = [...new Set(producers.map(({name}) => name.slice(0, name.lastIndexOf('/'))))];
  const reasons = roots.map((root) => graph.ids.reason(root));
  const frozen = reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
  return {name: layers[0], layers, size: roots.length, members, readers, reasons, frozen};
}

/** The inputs of layers that read channels, where a layer sees the same ones at each use. */
function readersIn({readings, ids: known}: ChannelGraph) {
  const uses = new Map<layers.Layer, Reading[]>();
  for (const reading of readings) {
    const all = uses.get(reading.layer);
    if (all) {
      all.push(reading);
    } else {
      uses.set(reading.layer, [reading]);
    }
  }
  return [...uses].flatMap(([layer, [first, ...others]]) =>
    first.inputs.flatMap(({shape, axis, ids}, input) => {
      const isSame = others.every((other) => sameChannels(known, ids, other.inputs[input].ids));
      return isSame ? [{layer, input, axis: axis - shape.length, ids}] : [];
    }),
  );
}

function sameChannels(known: ChannelIds, some: readonly number[], others: readonly number[]) {
  return (
    some.length === others.length && some.every((id, i) => known.find(id) === known.find(others[i]))
  );
}

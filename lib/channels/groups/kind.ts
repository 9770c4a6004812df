import {ChannelKind} from '../graph/channel_graph';
import type {ChannelGroup} from './channel_groups';

/** Whether `ChannelPruner` prunes channels: some of the layers that make them have filters. */
export function areFilters(group: ChannelGroup): boolean {
  return kindsOf(group).has('filters');
}

/** Whether `NeuronPruner` prunes channels: they are units, and coupled to no filters. */
export function areUnits(group: ChannelGroup): boolean {
  const kinds = kindsOf(group);
  return kinds.has('units') && !kinds.has('filters');
}

function kindsOf({members}: ChannelGroup): ReadonlySet<ChannelKind | null> {
  return new Set(members.flatMap(({role, kind}) => (role === 'producer' ? [kind ?? null] : [])));
}

/**
 * What makes and reads the channels of a group, in words that are equal for groups
 * that are alike: the same kinds of weights of the same kinds of layers, as often.
 * How many channels there are does not count.
 */
export function kindOfGroup({members}: ChannelGroup): string {
  const parts = members.map(({layer, name, axis, role}) =>
    [role, layer.getClassName(), name.slice(name.lastIndexOf('/') + 1), axis].join(' '),
  );
  return parts.sort().join(', ');
}

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

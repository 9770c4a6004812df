import type {ChannelGroup} from './channel_groups';

/** What a layer calls the channels that it makes. */
export type ChannelKind = 'filters' | 'units';

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

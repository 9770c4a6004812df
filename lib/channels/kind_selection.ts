import {depthIn} from '../model/choose_weights';
import type {LayerName, LayerSelection} from '../model/layer_selection';
import type {ChannelGroup} from './groups/channel_groups';
import {makersOf} from './groups/select_groups';

type IsOfKind = (group: ChannelGroup) => boolean;

/** Whether some of `groups` are of a kind and can be pruned. */
export function hasOpen(groups: readonly ChannelGroup[], isOfKind: IsOfKind): boolean {
  return groups.some((group) => group.frozen === undefined && isOfKind(group));
}

/**
 * The part of a selection of layers that means groups of a kind, where another
 * part means those of another; `null` if it names none of them. Names that mean
 * no group at all stay in, to be refused.
 */
export function selectionOfKind(
  groups: readonly ChannelGroup[],
  isOfKind: IsOfKind,
  selection: LayerSelection | undefined,
): LayerSelection | undefined | null {
  if (selection === undefined || typeof selection === 'function') {
    return selection;
  }
  const means = (name: LayerName, some: readonly ChannelGroup[]) =>
    some.some((group) => depthIn({paths: group.layers, layers: makersOf(group)}, name) > 0);
  const ofKind = groups.filter(isOfKind);
  const isOwn = (name: LayerName) => means(name, ofKind) || !means(name, groups);
  if (Array.isArray(selection)) {
    const names = (selection as readonly LayerName[]).filter(isOwn);
    return names.length > 0 ? names : null;
  }
  const entries = Object.entries(selection as Readonly<Record<string, number | false>>);
  const own = entries.filter(([name]) => isOwn(name));
  const isLeft = (group: ChannelGroup) => {
    const shares = own.filter(([name]) => means(name, [group])).map(([, share]) => share);
    return shares.length > 0 && shares.every((share) => share === false);
  };
  const open = ofKind.filter(({frozen}) => frozen === undefined);
  return open.every(isLeft) ? null : Object.fromEntries(own);
}

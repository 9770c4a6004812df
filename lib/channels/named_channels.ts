import {check} from '../base/check';
import {listed} from '../base/listed';
import {depthOfName} from '../model/layer_path';
import type {ChannelGroup, ChannelMember} from './groups/channel_groups';

/** A map from the name of a layer to the indices of its channels. */
export type NamedChannels = Readonly<Record<string, readonly number[]>>;

/** Throws unless `value` is a map from names of layers to indices of channels. */
export function checkNamedChannels(
  argument: string,
  value: unknown,
): asserts value is NamedChannels {
  const expected = 'a map from names of layers to indices of channels';
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  check(isMap, argument, expected, value);
  check(Object.keys(value).length > 0, argument, expected, value);
  for (const [name, channels] of Object.entries(value)) {
    const isList = Array.isArray(channels) && channels.every(Number.isInteger);
    check(isList, `${argument}['${name}']`, 'a list of indices of channels', channels);
  }
}

/**
 * The channels of each group that are meant by indices of outputs of layers.
 *
 * @param argument What errors call the indices.
 * @throws PruningError for a layer that makes no channels, and for a channel that
 *   it does not have or that must stay.
 */
export function namedChannels(
  groups: readonly ChannelGroup[],
  named: NamedChannels,
  argument: string,
): Map<ChannelGroup, Set<number>> {
  const found = new Map<ChannelGroup, Set<number>>();
  for (const [name, numbers] of Object.entries(named)) {
    const own = `${argument}['${name}']`;
    const makers = groups.flatMap((group) => {
      const maker = group.members.find((member) => isMaker(member, name));
      return maker ? [{group, channels: maker.channels}] : [];
    });
    const known = listed(groups.flatMap(({layers}) => layers));
    check(makers.length > 0, argument, `names of layers among ${known}`, name);
    for (const number of numbers) {
      const maker = makers.find(({channels}) => (channels[number] ?? -1) >= 0);
      check(maker !== undefined, own, 'indices of channels that the layer has', number);
      const {group, channels} = maker;
      const reason = group.reasons[channels[number]];
      check(reason === undefined, own, 'channels that can be pruned', `${number}: ${reason}`);
      found.set(group, (found.get(group) ?? new Set<number>()).add(channels[number]));
    }
  }
  return found;
}

/** Whether it is a weight of a layer of this name that makes channels. */
function isMaker({role, name: path}: ChannelMember, name: string): boolean {
  return role === 'producer' && depthOfName(path.slice(0, path.lastIndexOf('/')), name) > 0;
}

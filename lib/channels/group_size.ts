import {check, checkInteger} from '../base/check';
import {listed} from '../base/listed';
import {closestName, deepestName, depthOfName} from '../model/layer_path';
import type {ChannelGroup} from './groups/channel_groups';

/**
 * Number of consecutive channels that are pruned together, such as the dimension of a
 * head of attention: one number for all layers, or a map from the names of some.
 */
export type GroupSize = number | Readonly<Record<string, number>>;

/** Throws unless `value` is a number of channels, or a map from names of layers to such numbers. */
export function checkGroupSize(value: unknown): asserts value is GroupSize {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    checkInteger('groupSize', value, 1);
    return;
  }
  Object.entries(value).forEach(([name, size]) => checkInteger(`groupSize['${name}']`, size, 1));
}

/**
 * How many channels in a row go together in a group.
 *
 * @throws PruningError for a size that does not divide the number of its channels.
 */
export function groupSizeOf({name, layers, size}: ChannelGroup, groupSize: GroupSize): number {
  const own = typeof groupSize === 'number' ? groupSize : (sizeFor(layers, groupSize) ?? 1);
  check(
    size % own === 0,
    'groupSize',
    `a divisor of the ${size} channels of '${name}', or a map from names of layers`,
    own,
  );
  return own;
}

/** That of the name that says most of the layers. */
function sizeFor(
  layers: readonly string[],
  sizes: Readonly<Record<string, number>>,
): number | undefined {
  const name = closestName(Object.keys(sizes), (each) => deepestName(layers, each));
  return name === undefined ? undefined : sizes[name];
}

/** Throws where a name means no layer that makes channels. */
export function checkGroupNames(groups: readonly ChannelGroup[], groupSize: GroupSize): void {
  const paths = groups.flatMap(({layers}) => layers);
  for (const name of typeof groupSize === 'number' ? [] : Object.keys(groupSize)) {
    const isKnown = paths.some((path) => depthOfName(path, name) > 0);
    check(isKnown, 'groupSize', `names of layers among ${listed(paths)}`, name);
  }
}

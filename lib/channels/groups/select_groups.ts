import type {layers} from '@tensorflow/tfjs-layers';

import {check} from '../../base/check';
import {depthOfName} from '../../model/layer_path';
import {checkLayerSelection, type LayerSelection} from '../../model/layer_selection';
import type {ChannelGroup} from './channel_groups';

type Layer = layers.Layer;

/** A group to prune, and the final sparsity that was asked for its layers alone. */
export interface SelectedGroup {
  readonly group: ChannelGroup;
  readonly sparsity?: number;
}

/** Which groups to prune. */
export interface GroupSelection {
  /** Whether a group is of the kind in question. */
  isOfKind: (group: ChannelGroup) => boolean;
  layers?: LayerSelection;
  ignore: readonly string[];
}

/** Throws where `layers` or `ignore` are malformed; names are checked once the model is known. */
export function checkGroupSelection(layers: unknown, ignore: unknown): void {
  if (layers !== undefined) {
    checkLayerSelection(layers);
  }
  check(
    Array.isArray(ignore) && ignore.every((name) => typeof name === 'string'),
    'ignore',
    'a list of names of layers',
    ignore,
  );
}

/**
 * The groups that a callback prunes: those of its kind that are selected, not
 * ignored, and have channels that can go.
 *
 * @throws PruningError where a name is unknown, a layer that is named must stay
 *   as it is, or nothing is left to prune.
 */
export function selectGroups(
  groups: readonly ChannelGroup[],
  {isOfKind, layers: selection, ignore}: GroupSelection,
): SelectedGroup[] {
  const ofKind = groups.filter(isOfKind);
  checkNames('ignore', ignore, groups);
  const candidates = ofKind.filter((group) => !ignore.some((name) => depthOf(group, name) > 0));
  const open = select(ofKind, candidates, selection).filter(({group}) => !group.frozen);
  check(
    open.length > 0,
    'layers',
    'at least one layer whose channels can go',
    `none of ${describe(candidates)}`,
  );
  return open;
}

function select(
  ofKind: readonly ChannelGroup[],
  candidates: readonly ChannelGroup[],
  selection: LayerSelection | undefined,
): SelectedGroup[] {
  if (selection === undefined) {
    return candidates.map((group) => ({group}));
  }
  if (typeof selection === 'function') {
    return candidates.filter((group) => makersOf(group).every(selection)).map((group) => ({group}));
  }
  if (Array.isArray(selection)) {
    const names = selection as readonly string[];
    checkNames('layers', names, ofKind);
    names.forEach((name) => checkNotFrozen(name, ofKind));
    return candidates
      .filter((group) => names.some((name) => depthOf(group, name) > 0))
      .map((group) => ({group}));
  }
  const sparsities = selection as Readonly<Record<string, number | false>>;
  checkNames('layers', Object.keys(sparsities), ofKind);
  Object.keys(sparsities)
    .filter((name) => sparsities[name] !== false)
    .forEach((name) => checkNotFrozen(name, ofKind));
  return candidates.flatMap((group) => {
    const asked = group.layers.flatMap((path) => askedFor(path, sparsities) ?? []);
    if (asked.includes(false)) {
      return [];
    }
    const [sparsity] = asked as number[];
    check(
      asked.every((each) => each === sparsity),
      'layers',
      `one sparsity for ${group.layers.join(', ')}, whose channels go together`,
      asked.join(' and '),
    );
    return [{group, sparsity}];
  });
}

/** A layer's own name says more than that of a model around it. */
function askedFor(
  path: string,
  sparsities: Readonly<Record<string, number | false>>,
): number | false | undefined {
  const names = Object.keys(sparsities).filter((name) => depthOfName(path, name) > 0);
  names.sort((a, b) => depthOfName(path, b) - depthOfName(path, a));
  return names.length > 0 ? sparsities[names[0]] : undefined;
}

/** The layers that make the channels of `group`. */
export function makersOf({members}: ChannelGroup): Layer[] {
  const producers = members.filter(({role}) => role === 'producer');
  return [...new Set(producers.map(({layer}) => layer))];
}

function depthOf({layers}: ChannelGroup, name: string): number {
  return Math.max(...layers.map((path) => depthOfName(path, name)));
}

function checkNames(argument: string, names: readonly string[], groups: readonly ChannelGroup[]) {
  for (const name of names) {
    check(
      groups.some((group) => depthOf(group, name) > 0),
      argument,
      `names of layers among ${describe(groups)}`,
      name,
    );
  }
}

function checkNotFrozen(name: string, groups: readonly ChannelGroup[]): void {
  const named = groups.filter((group) => depthOf(group, name) > 0);
  check(
    named.some(({frozen}) => frozen === undefined),
    'layers',
    'layers whose channels can go',
    `${name}: ${named[0].frozen}`,
  );
}

function describe(groups: readonly ChannelGroup[]): string {
  const names = groups.flatMap(({layers, frozen}) =>
    layers.map((name) => (frozen === undefined ? name : `${name} (${frozen})`)),
  );
  return names.join(', ') || '(no layer)';
}

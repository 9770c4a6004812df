import type {layers, LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../../base/check';
import {PruningError} from '../../base/errors';
import {listed} from '../../base/listed';
import type {Choosable} from '../../model/candidates';
import {checkKnown, depthIn, meantBy, namesIn, training} from '../../model/choose_weights';
import {closestName, depthOfName} from '../../model/layer_path';
import {
  checkLayerNames,
  checkLayerSelection,
  type LayerName,
  type LayerSelection,
} from '../../model/layer_selection';
import {trainsOrAll} from '../../model/trained_model';
import {namedChannels, type NamedChannels} from '../named_channels';
import type {ChannelGroup} from './channel_groups';
import {areFilters, areUnits} from './kind';

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
  ignore: IgnoredChannels;
}

/**
 * What not to prune: a list of layers, or a map from the name of a layer to the indices
 * of the outputs to keep, `true` for all.
 */
export type IgnoredChannels =
  readonly LayerName[] | Readonly<Record<string, true | readonly number[]>>;

/** Throws where `layers` or `ignore` are malformed; names are checked once the model is known. */
export function checkGroupSelection(layers: unknown, ignore: unknown): void {
  if (layers !== undefined) {
    checkLayerSelection(layers);
  }
  if (Object.getPrototypeOf(ignore ?? '') !== Object.prototype) {
    checkLayerNames('ignore', ignore, 'a map from name to indices of outputs, or ');
    return;
  }
  for (const [name, channels] of Object.entries(ignore as object)) {
    const areNumbers = Array.isArray(channels) && channels.every(Number.isInteger);
    const expected = 'a list of indices of outputs, or true for all';
    check(channels === true || areNumbers, `ignore['${name}']`, expected, channels);
  }
}

/**
 * The groups that a callback prunes: those of its kind that are selected, not
 * ignored, and have channels that can go. Frozen layers are left alone, but where
 * a name means no others.
 *
 * @param model The groups' model.
 * @throws PruningError where a name is unknown, a layer that is named must stay
 *   as it is, or nothing is left to prune.
 */
export function selectGroups(
  model: LayersModel,
  groups: readonly ChannelGroup[],
  {isOfKind, layers: selection, ignore}: GroupSelection,
): SelectedGroup[] {
  const trains = trainsOrAll(model);
  const [ignored, kept] = parts(ignore);
  const staying = namedChannels(groups, kept, 'ignore');
  const all = groups.map((group) => new Item(without(group, staying.get(group)), trains));
  const ofKind = all.filter(({group}) => isOfKind(group));
  checkKnown('ignore', ignored, all, 'names of layers among', all.map(describe));
  checkNamed(selection, ofKind, all);
  const candidates = ofKind.filter((item) => !ignored.some((name) => depthIn(item, name) > 0));
  const open = select(ofKind, candidates, selection).filter(({group}) => !group.frozen);
  if (open.length === 0) {
    const names = listed(candidates.map(describe));
    const received = names ? `none of ${names}` : `none${otherKind(all)}`;
    throw new PruningError('layers', 'at least one layer whose channels can be pruned', received);
  }
  return open;
}

/** Whole layers that are left alone, and of others the outputs that are. */
function parts(ignore: IgnoredChannels): [readonly LayerName[], NamedChannels] {
  if (Array.isArray(ignore)) {
    return [ignore as readonly LayerName[], {}];
  }
  const entries = Object.entries(ignore as Readonly<Record<string, true | readonly number[]>>);
  const whole = entries.flatMap(([name, channels]) => (channels === true ? [name] : []));
  const others = entries.filter(([, channels]) => channels !== true);
  return [whole, Object.fromEntries(others) as NamedChannels];
}

/** The group, of which some channels stay. */
function without(group: ChannelGroup, staying: ReadonlySet<number> | undefined): ChannelGroup {
  if (staying === undefined) {
    return group;
  }
  const reasons = group.reasons.map((reason, channel) =>
    staying.has(channel) ? `it is in 'ignore'` : reason,
  );
  const frozen = reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
  return {...group, reasons, frozen};
}

/** A group as it can be meant. */
class Item implements Choosable {
  readonly paths: readonly string[];
  readonly layers: readonly Layer[];
  readonly trains: boolean;

  constructor(
    readonly group: ChannelGroup,
    trains: ReturnType<typeof trainsOrAll>,
  ) {
    this.paths = group.layers;
    this.layers = makersOf(group);
    this.trains = group.members.every(
      ({role, variable}) => role !== 'producer' || trains(variable),
    );
  }
}

/** Throws where a name means no group of the kind, or only such as must stay. */
function checkNamed(
  selection: LayerSelection | undefined,
  ofKind: readonly Item[],
  all: readonly Item[],
): void {
  for (const name of namesIn(selection)) {
    const named = ofKind.filter((item) => depthIn(item, name) > 0);
    const others = named.length > 0 ? [] : all.filter((item) => depthIn(item, name) > 0);
    const expected = `names of layers${otherKind(others)} among`;
    checkKnown('layers', [name], ofKind, expected, ofKind.map(describe));
    const isLeft = typeof name === 'string' && sharesIn(selection)[name] === false;
    check(
      isLeft || named.some(({group}) => group.frozen === undefined),
      'layers',
      'layers whose channels can be pruned',
      `${named[0].group.name}: ${named[0].group.frozen}`,
    );
  }
}

function select(
  ofKind: readonly Item[],
  candidates: readonly Item[],
  selection: LayerSelection | undefined,
): SelectedGroup[] {
  if (selection === undefined) {
    return candidates.filter(({trains}) => trains).map(({group}) => ({group}));
  }
  if (typeof selection === 'function') {
    const chosen = candidates.filter(({layers}) => layers.every(selection));
    return training(chosen).map(({group}) => ({group}));
  }
  const meant = new Set(
    namesIn(selection).flatMap((name) =>
      meantBy(
        ofKind.filter(({group}) => !group.frozen),
        name,
      ),
    ),
  );
  if (Array.isArray(selection)) {
    return candidates.filter((item) => meant.has(item)).map(({group}) => ({group}));
  }
  const sparsities = sharesIn(selection);
  return candidates.flatMap((item) => {
    const {group} = item;
    const asked = group.layers.flatMap((path) => askedFor(path, sparsities) ?? []);
    if (asked.includes(false) || !(asked.length > 0 ? meant.has(item) : item.trains)) {
      return [];
    }
    const [sparsity] = asked as number[];
    check(
      asked.every((each) => each === sparsity),
      'layers',
      `one sparsity for ${listed(group.layers)}, whose channels go together`,
      asked.join(' and '),
    );
    return [{group, sparsity}];
  });
}

/** The map from name to sparsity; empty for another selection. */
function sharesIn(selection: LayerSelection | undefined): Readonly<Record<string, number | false>> {
  const isMap = typeof selection === 'object' && !Array.isArray(selection);
  return isMap ? (selection as Readonly<Record<string, number | false>>) : {};
}

/** A layer's own name says more than that of a model around it. */
function askedFor(
  path: string,
  sparsities: Readonly<Record<string, number | false>>,
): number | false | undefined {
  const name = closestName(Object.keys(sparsities), (each) => depthOfName(path, each));
  return name === undefined ? undefined : sparsities[name];
}

/** The layers that make the channels of `group`. */
export function makersOf({members}: ChannelGroup): Layer[] {
  const producers = members.filter(({role}) => role === 'producer');
  return [...new Set(producers.map(({layer}) => layer))];
}

/** What prunes the channels that were meant, where they are all of another kind. */
function otherKind(items: readonly Item[]): string {
  const isAll = (isOfKind: (group: ChannelGroup) => boolean) =>
    items.length > 0 && items.every(({group}) => isOfKind(group));
  if (isAll(areUnits)) {
    return ' (NeuronPruner, or neurons, prunes units)';
  }
  return isAll(areFilters) ? ' (ChannelPruner, or channels, prunes filters)' : '';
}

function describe({group: {name, frozen}, trains}: Item): string {
  const reason = frozen ?? (trains ? undefined : 'frozen');
  return reason === undefined ? name : `${name} (${reason})`;
}

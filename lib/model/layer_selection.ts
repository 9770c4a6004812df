import {layers as layersOf, type layers} from '@tensorflow/tfjs-layers';

import {check, checkSparsity} from '../base/check';
import {PruningError} from '../base/errors';
import {listed} from '../base/listed';
import {nearest} from '../base/nearest';
import {closestName, deepestName} from './layer_path';
import {type FoundWeight, partsOf} from './layer_walk';

type Layer = layers.Layer;

/**
 * What means layers, or one weight, in a list:
 *
 * - the name of a layer, a wrapper or a nested model, or a path of several such
 *   as `'encoder/dense_1'`;
 * - the path of one weight, such as `'lstm_1/recurrent_kernel'` or `'dense_1/bias'`;
 * - a regular expression, such as `/^dense/`, of which a path of either has a part;
 * - the layer itself, such as `model.layers[1]`.
 */
export type LayerName = string | RegExp | Layer;

/**
 * Which layers: a predicate over layers, or a list of names, paths of weights,
 * regular expressions and layers.
 */
export type LayerFilter = ((layer: Layer) => boolean) | readonly LayerName[];

/**
 * Which layers to prune: a predicate over layers, a list of names, paths of
 * weights, regular expressions and layers, or a map from name or path to that
 * layer's final sparsity. In a map, `false` leaves a layer alone, and layers that
 * are not named get the callback's own sparsity.
 *
 * Frozen weights are left alone, but for a name (or a predicate) that means no others.
 * Biases are pruned only where the path or the expression means them and not
 * their layer: `'dense_1/bias'`, `/bias$/`.
 */
export type LayerSelection = LayerFilter | Readonly<Record<string, number | false>>;

/** Throws where `selection` is malformed; names are checked once the model is known. */
export function checkLayerFilter(selection: unknown): asserts selection is LayerFilter {
  if (typeof selection !== 'function') {
    checkLayerNames('layers', selection, 'a predicate or ');
  }
}

/** Throws where `selection` is malformed; names are checked once the model is known. */
export function checkLayerSelection(selection: unknown): asserts selection is LayerSelection {
  if (typeof selection === 'function') {
    return;
  }
  if (Object.getPrototypeOf(selection ?? '') !== Object.prototype) {
    checkLayerNames('layers', selection, 'a predicate, a map from name to sparsity or false, or ');
    return;
  }
  for (const [name, sparsity] of Object.entries(selection as object)) {
    if (sparsity !== false) {
      checkSparsity(`layers['${name}']`, sparsity);
    }
  }
}

/** Throws unless `names` is a list of what means layers. */
export function checkLayerNames(
  argument: string,
  names: unknown,
  others = '',
): asserts names is readonly LayerName[] {
  const isNames = Array.isArray(names) && names.every(isLayerName);
  const expected = `${others}a list of names, regular expressions or layers`;
  check(
    isNames,
    argument,
    expected,
    Array.isArray(names) ? names.find((n) => !isLayerName(n)) : names,
  );
}

function isLayerName(value: unknown): value is LayerName {
  return typeof value === 'string' || value instanceof RegExp || value instanceof layersOf.Layer;
}

/** Throws where `selection` has a sparsity, for callbacks whose threshold leaves none to choose. */
export function checkNoSparsities(selection: LayerSelection | undefined): void {
  for (const [name, value] of Object.entries(selection ?? {})) {
    const expected = 'false: a threshold leaves no sparsity to choose';
    check(typeof value !== 'number', `layers['${name}']`, expected, value);
  }
}

/** What can be chosen: a weight, channels that go together, or layers that do. */
export interface Choosable {
  /** The paths of its layers. */
  readonly paths: readonly string[];
  /** Its layers, and those around them as far as they are known. */
  readonly layers: readonly Layer[];
  /** Of a weight, its own name. */
  readonly own?: string;
  /** Whether a name of its layer does not mean it, only its own does. */
  readonly isOnRequest?: boolean;
  /** False for what is frozen. */
  readonly trains?: boolean;
}

/** How deep a name is in the paths of `item`; 0 where it does not mean it. */
export function depthIn({paths, layers, own, isOnRequest}: Choosable, name: LayerName): number {
  const whole = own === undefined ? [] : paths.map((path) => `${path}/${own}`);
  if (typeof name === 'string') {
    const depth = deepestName(paths, name);
    // The name of a weight needs that of its layer before it.
    const depthOfOwn = name.includes('/') ? deepestName(whole, name) : 0;
    return isOnRequest ? (depth > 0 ? 0 : depthOfOwn) : Math.max(depth, depthOfOwn);
  }
  if (name instanceof RegExp) {
    const isIn = (all: readonly string[]) => all.some((path) => path.search(name) >= 0);
    return Number(isOnRequest ? isIn(whole) && !isIn(paths) : isIn(paths) || isIn(whole));
  }
  return Number(!isOnRequest && layers.some((layer) => holds(name, layer)));
}

function holds(outer: Layer, layer: Layer): boolean {
  return outer === layer || partsOf(outer).some((part) => holds(part, layer));
}

/** Those of `items` that train, or all where none does. */
export function training<T extends Choosable>(items: readonly T[]): readonly T[] {
  const some = items.filter((item) => !isFrozen(item));
  return some.length > 0 ? some : items;
}

function isFrozen({trains}: Choosable): boolean {
  return trains === false;
}

/** Those of `items` that a name means; what is frozen only where it means nothing else. */
export function meantBy<T extends Choosable>(items: readonly T[], name: LayerName): readonly T[] {
  return training(items.filter((item) => depthIn(item, name) > 0));
}

/**
 * Throws where one of `names` means none of `items`.
 *
 * @param all What errors call the items.
 * @param known Their names, as errors show them.
 */
export function checkKnown(
  argument: string,
  names: readonly LayerName[],
  items: readonly Choosable[],
  all: string,
  known: readonly string[] = pathsOf(items),
): void {
  for (const name of names) {
    if (!items.some((item) => depthIn(item, name) > 0)) {
      const near = typeof name === 'string' ? nearest(name, namesOf(items)) : undefined;
      const hint = near === undefined ? '' : ` (perhaps '${near}')`;
      const isLayer = name instanceof layersOf.Layer;
      const received = isLayer ? `${name.name}, a layer of another model` : name;
      throw new PruningError(argument, `${all} ${listed(known) || 'none'}${hint}`, received);
    }
  }
}

function pathsOf(items: readonly Choosable[]): string[] {
  return [...new Set(items.filter((item) => !item.isOnRequest).map(({paths: [path]}) => path))];
}

/** All that may have been meant by a name that is mistyped. */
function namesOf(items: readonly Choosable[]): string[] {
  return items.flatMap(({paths, own}) => paths.flatMap((path) => [path, `${path}/${own}`]));
}

/** The names in a selection. */
export function namesIn(selection: LayerSelection | undefined): readonly LayerName[] {
  if (selection === undefined || typeof selection === 'function') {
    return [];
  }
  return isList(selection) ? selection : Object.keys(selection);
}

/** A weight to choose from. */
export interface Candidate extends FoundWeight {
  /** Whether a name of its layer does not mean it, only its own does. */
  readonly isOnRequest?: boolean;
  /** False for what is frozen. */
  readonly trains?: boolean;
  /** False for weights that count only when their layer is named. */
  readonly byDefault: boolean;
}

/** A weight that was chosen, and the final sparsity that was asked for its layer alone. */
export type Chosen = Candidate & {readonly sparsity?: number};

/**
 * The candidates of `selection`; without one, all that count by default and are not frozen.
 *
 * @param kind What errors call the layers that have candidates.
 * @throws PruningError where a name is unknown or nothing is chosen.
 */
export function chooseWeights(
  candidates: readonly Candidate[],
  selection: LayerSelection | undefined,
  kind: {readonly one: string; readonly all: string},
): Chosen[] {
  checkKnown('layers', namesIn(selection), candidates, `names of ${kind.all}:`);
  const chosen = [...choose(candidates, selection)];
  if (chosen.length === 0) {
    const frozen = candidates.some(isFrozen) ? ', of which some are frozen' : '';
    const names = listed(pathsOf(candidates));
    const received = names ? `none of ${names}${frozen}` : 'a model without one';
    throw new PruningError('layers', `at least one ${kind.one}`, received);
  }
  return chosen;
}

function choose(
  candidates: readonly Candidate[],
  selection: LayerSelection | undefined,
): readonly Chosen[] {
  const isUsual = (weight: Candidate) => weight.byDefault && !isFrozen(weight);
  if (selection === undefined) {
    return candidates.filter(isUsual);
  }
  if (typeof selection === 'function') {
    return training(candidates.filter(({layer, byDefault}) => byDefault && selection(layer)));
  }
  const names = namesIn(selection);
  const meant = names.map((name) => meantBy(candidates, name));
  if (isList(selection)) {
    return candidates.filter((weight) => meant.some((some) => some.includes(weight)));
  }
  return candidates.flatMap((weight) => {
    const name = closestName(Object.keys(selection), (each) => depthIn(weight, each));
    if (name === undefined) {
      return isUsual(weight) ? [weight] : [];
    }
    const sparsity = selection[name];
    const isMeant = sparsity !== false && meant[names.indexOf(name)].includes(weight);
    return isMeant ? [{...weight, sparsity}] : [];
  });
}

/** `Array.isArray`, which does not know of readonly arrays. */
function isList(
  selection: readonly LayerName[] | Readonly<Record<string, number | false>>,
): selection is readonly LayerName[] {
  return Array.isArray(selection);
}

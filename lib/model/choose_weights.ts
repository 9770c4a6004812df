import {layers as layersOf, type layers} from '@tensorflow/tfjs-layers';

import {PruningError} from '../base/errors';
import {listed} from '../base/listed';
import {nearest} from '../base/nearest';
import {
  type Candidate,
  type CandidateKind,
  checkSome,
  type Choosable,
  isFrozen,
  isUsual,
  pathsOf,
} from './candidates';
import {closestName, deepestName} from './layer_path';
import type {LayerName, LayerSelection} from './layer_selection';
import {partsOf} from './layer_walk';

type Layer = layers.Layer;

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
  kind: CandidateKind,
): Chosen[] {
  checkKnown('layers', namesIn(selection), candidates, `names of ${kind.all}:`);
  const chosen = [...choose(candidates, selection)];
  checkSome(chosen, candidates, kind);
  return chosen;
}

function choose(
  candidates: readonly Candidate[],
  selection: LayerSelection | undefined,
): readonly Chosen[] {
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

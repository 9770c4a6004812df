import type {layers} from '@tensorflow/tfjs-layers';

import {check, checkSparsity} from '../base/check';
import {closestName, deepestName} from './layer_path';
import type {FoundWeight} from './layer_walk';

/**
 * Which layers: a predicate over layers, or a list of names. A name is a
 * layer's, a wrapper's or a nested model's, a path such as `'encoder/dense_1'`,
 * or that of one weight, such as `'lstm_1/recurrent_kernel'`.
 */
export type LayerFilter = ((layer: layers.Layer) => boolean) | readonly string[];

/**
 * Which layers to prune: a predicate over layers, a list of names, or a map
 * from name to that layer's final sparsity, where `false` leaves it alone and
 * layers that are not named get the callback's own sparsity. A name is a
 * layer's, a wrapper's or a nested model's, or a path such as
 * `'encoder/dense_1'` or, of a single weight, `'lstm_1/recurrent_kernel'`.
 */
export type LayerSelection = LayerFilter | Readonly<Record<string, number | false>>;

/** Throws where `selection` is malformed; names are checked once the model is known. */
export function checkLayerFilter(selection: unknown): asserts selection is LayerFilter {
  const isNames = Array.isArray(selection) && selection.every((name) => typeof name === 'string');
  const expected = 'a predicate or a list of names';
  check(typeof selection === 'function' || isNames, 'layers', expected, selection);
}

/** Throws where `selection` is malformed; names are checked once the model is known. */
export function checkLayerSelection(selection: unknown): asserts selection is LayerSelection {
  const expected = 'a predicate, a list of names, or a map from name to sparsity or false';
  const isList = Array.isArray(selection);
  const isNames = isList && selection.every((name) => typeof name === 'string');
  const isMap = typeof selection === 'object' && selection !== null && !isList;
  check(typeof selection === 'function' || isNames || isMap, 'layers', expected, selection);
  for (const [name, sparsity] of Object.entries(isMap ? selection : {})) {
    if (sparsity !== false) {
      checkSparsity(`layers['${name}']`, sparsity);
    }
  }
}

/** Throws where `selection` has a sparsity, for callbacks whose threshold leaves none to choose. */
export function checkNoSparsities(selection: LayerSelection | undefined): void {
  for (const [name, value] of Object.entries(selection ?? {})) {
    const expected = 'false: a threshold leaves no sparsity to choose';
    check(typeof value !== 'number', `layers['${name}']`, expected, value);
  }
}

/** A weight to choose from. */
export interface Candidate extends FoundWeight {
  /** False for weights that count only when their layer is named. */
  readonly byDefault: boolean;
}

/** A weight that was chosen, and the final sparsity that was asked for its layer alone. */
export type Chosen = Candidate & {readonly sparsity?: number};

/**
 * The candidates of `selection`; all that count by default without one.
 *
 * @param kind What errors call the layers that have candidates.
 * @throws PruningError where a name is unknown or nothing is chosen.
 */
export function chooseWeights(
  candidates: readonly Candidate[],
  selection: LayerSelection | undefined,
  kind: {readonly one: string; readonly all: string},
): Chosen[] {
  const known = candidates.map(({name}) => name.slice(0, name.lastIndexOf('/')));
  const layerNames = [...new Set(known)].join(', ') || '(no layer)';
  for (const name of namesIn(selection)) {
    const isKnown = candidates.some((weight) => depthIn(weight, name) > 0);
    check(isKnown, 'layers', `names of ${kind.all}: ${layerNames}`, name);
  }
  const chosen = choose(candidates, selection);
  check(chosen.length > 0, 'layers', `at least one ${kind.one}`, `none of ${layerNames}`);
  return chosen;
}

function namesIn(selection: LayerSelection | undefined): readonly string[] {
  if (selection === undefined || typeof selection === 'function') {
    return [];
  }
  return isList(selection) ? selection : Object.keys(selection);
}

/** How deep a name is in the paths of a weight; its own name needs that of its layer before it. */
function depthIn({name, paths}: Candidate, given: string): number {
  const own = name.slice(paths[0].length + 1);
  const whole = given.includes('/') ? paths.map((path) => `${path}/${own}`) : [];
  return deepestName([...paths, ...whole], given);
}

function choose(
  candidates: readonly Candidate[],
  selection: LayerSelection = () => true,
): Chosen[] {
  if (typeof selection === 'function') {
    return candidates.filter(({layer, byDefault}) => byDefault && selection(layer));
  }
  if (isList(selection)) {
    return candidates.filter((weight) => selection.some((name) => depthIn(weight, name) > 0));
  }
  return candidates.flatMap((weight) => {
    const name = closestName(Object.keys(selection), (each) => depthIn(weight, each));
    if (name === undefined) {
      return weight.byDefault ? [weight] : [];
    }
    const sparsity = selection[name];
    return sparsity === false ? [] : [{...weight, sparsity}];
  });
}

/** `Array.isArray`, which does not know of readonly arrays. */
function isList(
  selection: readonly string[] | Readonly<Record<string, number | false>>,
): selection is readonly string[] {
  return Array.isArray(selection);
}

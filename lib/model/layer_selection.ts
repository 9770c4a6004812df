import {layers as layersOf, type layers} from '@tensorflow/tfjs-layers';

import {check, checkSparsity} from '../base/check';

type Layer = layers.Layer;

/**
 * How to name layers, or one weight, in a list:
 *
 * - the name of a layer, a wrapper or a nested model, or a path of several such
 *   as `'encoder/dense_1'`;
 * - the path of one weight, such as `'lstm_1/recurrent_kernel'` or `'dense_1/bias'`;
 * - a regular expression that matches part of such a path, such as `/^dense/`;
 * - the layer itself, such as `model.layers[1]`.
 */
export type LayerName = string | RegExp | Layer;

/**
 * Which layers: a predicate over layers, or a list of names, paths of weights,
 * regular expressions and layers.
 */
export type LayerFilter = ((layer: Layer) => boolean) | readonly LayerName[];

/**
 * Which layers to prune: a predicate over layers, a list of names, paths of weights,
 * regular expressions and layers, or a map from name or path to the final sparsity of
 * that layer. In a map, `false` excludes a layer, and layers that are not named have the
 * sparsity of the callback.
 *
 * Frozen weights are not pruned, unless a name (or a predicate) selects only frozen ones.
 * Biases are pruned only if a path or an expression selects them and not their layer:
 * `'dense_1/bias'`, `/bias$/`.
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

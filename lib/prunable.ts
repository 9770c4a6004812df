import type {LayerVariable} from '@tensorflow/tfjs-layers';
import {layers, LayersModel} from '@tensorflow/tfjs-layers';

import {PruningError} from './errors';
import {check, checkSparsity} from './validate';

type Layer = layers.Layer;

/**
 * Which layers to prune: a predicate over layers, a list of names, or a map
 * from name to that layer's final sparsity, where `false` leaves it alone and
 * layers that are not named get the callback's own sparsity. A name is a
 * layer's, a wrapper's or a nested model's, or a path such as
 * `'encoder/dense_1'`.
 */
export type LayerSelection =
  ((layer: Layer) => boolean) | readonly string[] | Readonly<Record<string, number | false>>;

/** A weight that may be pruned. */
export interface PrunableWeight {
  /** Path of layer names and the weight's own: `'encoder/lstm_1/recurrent_kernel'`. */
  readonly name: string;
  /** The layer that owns the weight, inside any wrapper or nested model; a cell's is its RNN. */
  readonly layer: Layer;
  readonly variable: LayerVariable;
}

/** A prunable weight, and the final sparsity that was asked for its layer alone. */
export interface SelectedWeight extends PrunableWeight {
  readonly sparsity?: number;
}

interface Candidate extends PrunableWeight {
  /** Names by which the user can mean this weight, each with the depth of its layer. */
  readonly aliases: Map<string, number>;
  /** False for weights that count only when their layer is named. */
  readonly byDefault: boolean;
}

/**
 * Layer class → its weights that are pruned by default: those that make up
 * most of a model and tolerate it. Biases and normalisation are few and
 * sensitive, depthwise kernels have only kernel-size weights a channel.
 */
const PRUNABLE: Readonly<Record<string, readonly string[]>> = {
  Dense: ['kernel'],
  EinsumDense: ['_kernel'],
  Conv1D: ['kernel'],
  Conv2D: ['kernel'],
  Conv3D: ['kernel'],
  Conv2DTranspose: ['kernel'],
  Conv3DTranspose: ['kernel'],
  SeparableConv2D: ['pointwiseKernel'],
  SimpleRNNCell: ['kernel', 'recurrentKernel'],
  LSTMCell: ['kernel', 'recurrentKernel'],
  GRUCell: ['kernel', 'recurrentKernel'],
  ConvLSTM2DCell: ['kernel', 'recurrentKernel'],
  Embedding: ['embeddings'],
};

/** Weights of known classes that never count, even by name. */
const NORMALISATION: ReadonlySet<string> = new Set(['BatchNormalization', 'LayerNormalization']);

/**
 * The weights of `model` that a callback prunes: those of `selection`, or all
 * that are prunable by default. A layer used twice counts once.
 *
 * @throws PruningError where a name is unknown or nothing is left to prune.
 */
export function prunableWeights(model: LayersModel, selection?: LayerSelection): SelectedWeight[] {
  const candidates = findCandidates(model);
  const selected =
    selection === undefined
      ? candidates.filter((weight) => weight.byDefault)
      : select(candidates, selection);
  check(
    selected.length > 0,
    'layers',
    'at least one layer with weights that can be pruned',
    `none of ${layerNames(candidates)}`,
  );
  return selected.map(({name, layer, variable, sparsity}: Candidate & {sparsity?: number}) => ({
    name,
    layer,
    variable,
    sparsity,
  }));
}

/** Throws where `selection` is malformed; names are checked once the model is known. */
export function checkLayerSelection(selection: unknown): asserts selection is LayerSelection {
  const expected = 'a predicate, a list of names, or a map from name to sparsity or false';
  if (typeof selection === 'function') {
    return;
  }
  check(typeof selection === 'object' && selection !== null, 'layers', expected, selection);
  if (Array.isArray(selection)) {
    selection.forEach((name) => check(typeof name === 'string', 'layers', expected, selection));
    return;
  }
  for (const [name, sparsity] of Object.entries(selection)) {
    if (sparsity !== false) {
      checkSparsity(`layers['${name}']`, sparsity);
    }
  }
}

function select(
  candidates: Candidate[],
  selection: LayerSelection,
): Array<Candidate & {sparsity?: number}> {
  if (typeof selection === 'function') {
    return candidates.filter((weight) => weight.byDefault && selection(weight.layer));
  }
  const names = Array.isArray(selection) ? (selection as string[]) : Object.keys(selection);
  for (const name of names) {
    if (!candidates.some((weight) => weight.aliases.has(name))) {
      throw new PruningError(
        'layers',
        `names of layers with weights that can be pruned: ${layerNames(candidates)}`,
        name,
      );
    }
  }
  if (Array.isArray(selection)) {
    return candidates.filter(({aliases}) => names.some((name) => aliases.has(name)));
  }
  const sparsities = selection as Readonly<Record<string, number | false>>;
  return candidates.flatMap((weight) => {
    // A layer's own name says more than that of a model around it.
    const depth = (name: string) => weight.aliases.get(name) ?? -1;
    const [name] = names.filter((each) => depth(each) >= 0).sort((a, b) => depth(b) - depth(a));
    if (name === undefined) {
      return weight.byDefault ? [weight] : [];
    }
    const sparsity = sparsities[name];
    return sparsity === false ? [] : [{...weight, sparsity}];
  });
}

function findCandidates(model: LayersModel): Candidate[] {
  const found = new Map<LayerVariable, Candidate>();
  const walk = (layer: Layer, outer: Place) => {
    const place = enter(layer, outer);
    const inner = innerLayers(layer);
    if (inner.length > 0) {
      inner.forEach((child) => walk(child, place));
      return;
    }
    const byDefault = PRUNABLE[layer.getClassName()];
    for (const variable of byDefault ? listed(layer, byDefault) : matrices(layer)) {
      const known = found.get(variable);
      if (known) {
        place.aliases.forEach((depth, alias) => known.aliases.set(alias, depth));
        continue;
      }
      found.set(variable, {
        name: [...place.path, variable.originalName.split('/').pop()].join('/'),
        layer: place.layer ?? layer,
        variable,
        aliases: new Map(place.aliases),
        byDefault: byDefault !== undefined,
      });
    }
  };
  model.layers.forEach((layer) => walk(layer, {path: [], aliases: new Map()}));
  return [...found.values()];
}

/** Where the walk is: the names passed on the way, and the recurrent layer around a cell. */
interface Place {
  readonly path: readonly string[];
  readonly aliases: ReadonlyMap<string, number>;
  readonly layer?: Layer;
}

function enter(layer: Layer, outer: Place): Place {
  const isOnlyCell = outer.layer !== undefined && Reflect.get(outer.layer, 'cell') === layer;
  // A cell is made by its layer, and users know that; only stacked cells need names.
  const path = isOnlyCell ? outer.path : [...outer.path, layer.name];
  const aliases = new Map(outer.aliases);
  [layer.name, path.join('/')].forEach((alias) => aliases.set(alias, path.length));
  return {path, aliases, layer: outer.layer ?? (Reflect.get(layer, 'cell') ? layer : undefined)};
}

/** What a nested model, wrapper or recurrent layer is made of; empty for any other layer. */
function innerLayers(layer: Layer): Layer[] {
  if (layer instanceof LayersModel) {
    return layer.layers;
  }
  const parts = ['forwardLayer', 'backwardLayer', 'layer', 'cell', 'cells'];
  const children = parts.flatMap((part) => Reflect.get(layer, part) as unknown);
  const inner = children.filter((child): child is Layer => child instanceof layers.Layer);
  // Bidirectional keeps the wrapped layer beside its two copies of it.
  return layer.getClassName() === 'Bidirectional' ? inner.slice(0, 2) : inner;
}

function listed(layer: Layer, properties: readonly string[]): LayerVariable[] {
  return properties.map((property) => Reflect.get(layer, property) as LayerVariable);
}

function matrices(layer: Layer): LayerVariable[] {
  return NORMALISATION.has(layer.getClassName())
    ? []
    : layer.weights.filter((variable) => variable.shape.length >= 2);
}

function layerNames(candidates: Candidate[]): string {
  const names = candidates.map(({name}) => name.slice(0, name.lastIndexOf('/')));
  return [...new Set(names)].join(', ') || '(no layer)';
}

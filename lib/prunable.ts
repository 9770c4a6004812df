import type {LayerVariable, layers} from '@tensorflow/tfjs-layers';
import {LayersModel} from '@tensorflow/tfjs-layers';

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
  /** The layer that owns the weight, inside any wrapper or nested model. */
  readonly layer: Layer;
  readonly variable: LayerVariable;
}

/** A prunable weight, and the final sparsity that was asked for its layer alone. */
export interface SelectedWeight extends PrunableWeight {
  readonly sparsity?: number;
}

interface Candidate extends PrunableWeight {
  /** Every name by which the user can mean this weight. */
  readonly aliases: ReadonlySet<string>;
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
  const named = ({aliases}: Candidate) => names.filter((name) => aliases.has(name));
  if (Array.isArray(selection)) {
    return candidates.filter((weight) => named(weight).length > 0);
  }
  const sparsities = selection as Readonly<Record<string, number | false>>;
  return candidates.flatMap((weight) => {
    // The longest name is the most precise: 'encoder/dense' before 'encoder'.
    const name = named(weight).sort((a, b) => b.length - a.length)[0];
    if (name === undefined) {
      return weight.byDefault ? [weight] : [];
    }
    const sparsity = sparsities[name];
    return sparsity === false ? [] : [{...weight, sparsity}];
  });
}

function findCandidates(model: LayersModel): Candidate[] {
  const seen = new Set<LayerVariable>();
  const found: Candidate[] = [];
  const walk = (layer: Layer, path: readonly string[], aliases: readonly string[]) => {
    const inner = innerLayers(layer);
    for (const child of inner) {
      const childPath = isCell(child) ? path : [...path, child.name];
      walk(child, childPath, [...aliases, child.name, childPath.join('/')]);
    }
    if (inner.length > 0) {
      return;
    }
    const byDefault = PRUNABLE[layer.getClassName()];
    for (const variable of byDefault ? listed(layer, byDefault) : matrices(layer)) {
      if (!seen.has(variable)) {
        seen.add(variable);
        found.push({
          name: [...path, variable.originalName.split('/').pop()].join('/'),
          layer,
          variable,
          aliases: new Set(aliases),
          byDefault: byDefault !== undefined,
        });
      }
    }
  };
  for (const layer of model.layers) {
    walk(layer, [layer.name], [layer.name]);
  }
  return found;
}

/** What a nested model, wrapper or RNN is made of; empty for any other layer. */
function innerLayers(layer: Layer): Layer[] {
  if (layer instanceof LayersModel) {
    return layer.layers;
  }
  const parts = ['forwardLayer', 'backwardLayer', 'layer', 'cell', 'cells'];
  const children = parts.flatMap((part) => (Reflect.get(layer, part) as Layer | Layer[]) ?? []);
  // Bidirectional keeps the wrapped layer beside its two copies of it.
  return layer.getClassName() === 'Bidirectional' ? children.slice(0, 2) : children;
}

function isCell(layer: Layer): boolean {
  return layer.getClassName().endsWith('Cell') || layer.getClassName() === 'StackedRNNCells';
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

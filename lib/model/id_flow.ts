import {type layers, LayersModel, type SymbolicTensor} from '@tensorflow/tfjs-layers';

import {wrappedLayer} from './layer_parts';
import {isZeroMasking} from './layer_settings';
import {nodesOf} from './layer_tree';

type Layer = layers.Layer;

/** An embedding that looks up numbers in its table. */
export interface Lookup {
  /** The embedding. */
  readonly layer: Layer;
  /** Path of layer names. */
  readonly path: string;
  /** The numbers of the model's inputs that hold what is looked up. */
  readonly inputs: ReadonlySet<number>;
  /** Whether some of what is looked up is computed by the model. */
  readonly isComputed: boolean;
}

/** What becomes of the numbers that go into a model. */
export interface IdFlow {
  /** One for each use of an embedding. */
  readonly lookups: readonly Lookup[];
  /** The inputs that something else reads as well, by their number; and what does. */
  readonly otherReaders: ReadonlyMap<number, string>;
}

/** Where the numbers in a tensor come from. */
interface Source {
  readonly inputs: ReadonlySet<number>;
  readonly isComputed: boolean;
}

const COMPUTED: Source = {inputs: new Set(), isComputed: true};

/** Layers that move numbers about, and add none but zeros. */
const MOVING: ReadonlySet<string> = new Set([
  'Concatenate',
  'Dropout',
  'Flatten',
  'Permute',
  'RepeatVector',
  'Reshape',
  'SpatialDropout1D',
]);

/**
 * Finds the embeddings that look up the numbers in the inputs of `model`, also
 * behind layers that only move these, and what else reads the inputs.
 */
export function idFlow(model: LayersModel): IdFlow {
  const lookups: Lookup[] = [];
  const otherReaders = new Map<number, string>();
  const apply = (layer: Layer, given: readonly Source[], path: string): Source[] => {
    const className = layer.getClassName();
    if (layer instanceof LayersModel) {
      return run(layer, given, path);
    }
    if (className === 'TimeDistributed') {
      const inner = wrappedLayer(layer);
      return apply(inner, given, `${path}/${inner.name}`);
    }
    if (className === 'Embedding') {
      lookups.push({layer, path, ...given[0]});
      return [COMPUTED];
    }
    if (MOVING.has(className) || isZeroMasking(layer)) {
      return [together(given)];
    }
    const reader = `layer '${path}'`;
    given.forEach(({inputs}) => inputs.forEach((input) => otherReaders.set(input, reader)));
    return [];
  };
  const run = (own: LayersModel, given: readonly Source[], path: string): Source[] => {
    const known = new Map<number, Source>();
    const sourceOf = ({id}: SymbolicTensor) => known.get(id) ?? COMPUTED;
    own.inputs.forEach(({id}, i) => known.set(id, given[i]));
    for (const {outboundLayer, inboundLayers, inputTensors, outputTensors} of nodesOf(own)) {
      if (inboundLayers.length > 0) {
        const name = path === '' ? outboundLayer.name : `${path}/${outboundLayer.name}`;
        const made = apply(outboundLayer, inputTensors.map(sourceOf), name);
        outputTensors.forEach(({id}, i) => known.set(id, made[i] ?? COMPUTED));
      }
    }
    return own.outputs.map(sourceOf);
  };
  const inputs = model.inputs.map((_, i) => ({inputs: new Set([i]), isComputed: false}));
  for (const {inputs: read} of run(model, inputs, '')) {
    read.forEach((input) => otherReaders.set(input, 'an output of the model'));
  }
  return {lookups, otherReaders};
}

function together(sources: readonly Source[]): Source {
  return {
    inputs: new Set(sources.flatMap(({inputs}) => [...inputs])),
    isComputed: sources.some(({isComputed}) => isComputed),
  };
}

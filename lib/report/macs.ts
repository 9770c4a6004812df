import type {layers, LayerVariable, Shape} from '@tensorflow/tfjs-layers';
import {LayersModel} from '@tensorflow/tfjs-layers';

import {countZeros} from '../base/count_zeros';
import {ELEMENTWISE} from '../channels/rules/elementwise';
import {MERGES} from '../channels/rules/merge';
import {NORMALIZATIONS} from '../channels/rules/normalization';
import {RESHAPES} from '../channels/rules/reshape';
import {SPATIAL} from '../channels/rules/spatial';
import {checkModel} from '../model/check_model';
import {cellOf} from '../model/layer_parts';
import {channelAxis, dotAxes, returnsSequences} from '../model/layer_settings';
import {nodesOf, outputShapes} from '../model/layer_tree';
import {partsOf} from '../model/layer_walk';
import {weight} from '../model/layer_weights';
import {readWeight} from '../model/read_weight';

type Layer = layers.Layer;

/** Multiply-accumulates of one layer. */
export interface LayerMacs {
  /** Path of layer names, such as `'block/conv2d_1'`. */
  name: string;
  /** Multiply-accumulates in all uses of the layer. */
  macs: number;
}

/** Multiply-accumulates of a model, for one example. */
export interface MacsReport {
  /** The layers that multiply, in the order in which they run. */
  layers: LayerMacs[];
  /** Those of all layers. */
  macs: number;
  /** Paths of layers of unknown classes, which count as 0. */
  unknown: string[];
}

/**
 * Counts the multiply-accumulates of a prediction for one example, in dense layers,
 * convolutions and recurrent cells. Operations on single elements (biases, activations,
 * normalization, pooling, gates) and table lookups count as 0. Padding counts like any
 * input. A size that the model leaves open, such as `null` time steps, counts as 1.
 *
 * @throws PruningError for a value that is not a LayersModel, or an empty one.
 * @example
 * countMacs(model).macs; //=> 2293000
 */
export function countMacs(model: LayersModel): MacsReport {
  checkModel(model);
  return countBy(model, ({shape}) => elements(shape));
}

/**
 * Counts the multiply-accumulates that are left of a prediction for one example where
 * zeros of the weights are skipped.
 *
 * @throws PruningError for a value that is not a LayersModel, or an empty one.
 */
export async function countMacsWithoutZeros(model: LayersModel): Promise<number> {
  checkModel(model);
  const variables = [...new Set(model.weights)];
  const zeros = await countZeros(variables.map(readWeight));
  const left = new Map(variables.map((each, i) => [each, elements(each.shape) - zeros[i]]));
  return countBy(model, (variable) => left.get(variable) ?? elements(variable.shape)).macs;
}

/** @param sizeOf The numbers of a weight that count. */
function countBy(model: LayersModel, sizeOf: (variable: LayerVariable) => number): MacsReport {
  const sizeIn =
    (layer: Layer) =>
    (weightName: string, of: Layer = layer) =>
      sizeOf(weight(of, weightName) as LayerVariable);
  const found = new Map<string, number>();
  const unknown = new Set<string>();
  const inputs = model.inputs.map(({shape}) => shape);
  for (const use of usesInModel(model, inputs, [], 1)) {
    const {name, layer, times} = use;
    const macs = RULES[layer.getClassName()]?.({...use, sizeOf: sizeIn(layer)});
    if (macs !== undefined) {
      found.set(name, (found.get(name) ?? 0) + macs * times);
    } else if (!FREE.has(layer.getClassName())) {
      unknown.add(name);
    }
  }
  const listed = [...found].map(([name, macs]) => ({name, macs}));
  const macs = listed.reduce((all, layer) => all + layer.macs, 0);
  return {layers: listed, macs, unknown: [...unknown]};
}

/** One use of a layer that is not made of others. */
interface Use {
  readonly name: string;
  readonly layer: Layer;
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  /** How often it runs for one example: once for each step of a `TimeDistributed`. */
  readonly times: number;
}

/** One use with what its weights count as. */
interface CountedUse extends Use {
  /** The size of the weight of that name, of this layer or of one in it. */
  readonly sizeOf: (name: string, of?: Layer) => number;
}

/** Layer class → its multiply-accumulates; `undefined` where they are not known. */
const RULES: Readonly<Record<string, (use: CountedUse) => number | undefined>> = {
  Dense: ({sizeOf, outputs: [y]}) => sizeOf('kernel') * positions(y, y.length - 1),
  Conv1D: convolution,
  Conv2D: convolution,
  Conv3D: convolution,
  Conv2DTranspose: transposed,
  Conv3DTranspose: transposed,
  DepthwiseConv2D: ({layer, sizeOf, outputs: [y]}) =>
    sizeOf('depthwiseKernel') * positions(y, channelAxis(layer, y.length)),
  SeparableConv2D: ({layer, sizeOf, outputs: [y]}) =>
    (sizeOf('depthwiseKernel') + sizeOf('pointwiseKernel')) *
    positions(y, channelAxis(layer, y.length)),
  Dot: ({layer, inputs: [x], outputs: [y]}) =>
    elements(y.slice(1)) * (x[dotAxes(layer, [x.length])[0]] ?? 1),
  RNN: recurrent,
  SimpleRNN: recurrent,
  LSTM: recurrent,
  GRU: recurrent,
  ConvLSTM2D: recurrent,
};

/** Layer classes that are known not to multiply, or only once per element. */
const FREE = /* @__PURE__ */ freeClasses();

function freeClasses(): ReadonlySet<string> {
  const rules = {...NORMALIZATIONS, ...ELEMENTWISE, ...SPATIAL, ...MERGES, ...RESHAPES};
  return new Set([...Object.keys(rules), 'Embedding']);
}

/** Each position of the output takes the whole kernel. */
function convolution({layer, sizeOf, outputs: [y]}: CountedUse): number {
  return sizeOf('kernel') * positions(y, channelAxis(layer, y.length));
}

/** Each position of the input is multiplied by the whole kernel. */
function transposed({layer, sizeOf, inputs: [x]}: CountedUse): number {
  return sizeOf('kernel') * positions(x, channelAxis(layer, x.length));
}

const CELLS = ['SimpleRNNCell', 'LSTMCell', 'GRUCell', 'ConvLSTM2DCell'];

/** Both kernels at each time step; convolutional ones at each position of the state. */
function recurrent({layer, sizeOf, inputs: [x], outputs: [y]}: CountedUse): number | undefined {
  const cell = cellOf(layer) as Layer;
  const cells = cell.getClassName() === 'StackedRNNCells' ? partsOf(cell) : [cell];
  if (!cells.every((each) => CELLS.includes(each.getClassName()))) {
    return undefined;
  }
  const steps = x[1] ?? 1;
  const state = [y[0], ...y.slice(returnsSequences(layer) ? 2 : 1)];
  const places = positions(state, channelAxis(cell, state.length));
  const sizes = cells.map((each) => sizeOf('kernel', each) + sizeOf('recurrentKernel', each));
  return steps * places * sizes.reduce((all, size) => all + size);
}

function* usesInModel(
  model: LayersModel,
  inputs: readonly Shape[],
  path: readonly string[],
  times: number,
): Generator<Use> {
  // Not those of the symbolic tensors: a nested model may be built for sizes left open.
  const shapes = new Map(model.inputs.map(({id}, i) => [id, inputs[i]]));
  for (const node of nodesOf(model)) {
    const {outboundLayer, inboundLayers, inputTensors, outputTensors} = node;
    if (inboundLayers.length > 0) {
      const given = inputTensors.map(({id}) => shapes.get(id) as Shape);
      yield* usesOf(outboundLayer, given, path, times);
      const made = outputShapes(outboundLayer, ...given);
      outputTensors.forEach(({id}, i) => shapes.set(id, made[i]));
    }
  }
}

/** `layer`, or what it is made of. */
function* usesOf(
  layer: Layer,
  inputs: readonly Shape[],
  path: readonly string[],
  times: number,
): Generator<Use> {
  const inner = [...path, layer.name];
  if (layer instanceof LayersModel) {
    yield* usesInModel(layer, inputs, inner, times);
  } else if (layer.getClassName() === 'TimeDistributed') {
    const [[batch, steps, ...rest]] = inputs;
    const [part] = partsOf(layer);
    yield* usesOf(part, [[batch, ...rest]], inner, times * (steps ?? 1));
  } else if (layer.getClassName() === 'Bidirectional') {
    for (const part of partsOf(layer)) {
      yield* usesOf(part, inputs, inner, times);
    }
  } else {
    yield {name: inner.join('/'), layer, inputs, outputs: outputShapes(layer, ...inputs), times};
  }
}

/** Number of places in an example that each have all channels. */
function positions(shape: Shape, channels: number): number {
  return elements(shape.filter((_, axis) => axis > 0 && axis !== channels));
}

function elements(sizes: Shape): number {
  return sizes.reduce<number>((all, size) => all * (size ?? 1), 1);
}

import {add, maximum, mul, reshape, sum, zerosLike} from '@tensorflow/tfjs-core';
import type {layers, LayerVariable, Shape} from '@tensorflow/tfjs-layers';

import {activationOf, channelAxis, isPadded, windowOf} from '../../model/layer_settings';
import {weight} from '../../model/layer_weights';
import {effectiveWeight, valuesOf} from '../../projection/effective_weight';
import type {ChannelGraph, ChannelRule} from '../graph/channel_graph';
import {Channels, isZero, onlyZeros, pick} from '../graph/channels';
import {mixesChannels} from './activations';
import {activate, produce} from './produce';

type Layer = layers.Layer;

/** The kernel is of [...size, input channels, filters]. */
const convolution: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) => {
  const kernel = weight(layer, 'kernel') as LayerVariable;
  const rank = kernel.shape.length;
  const outputAxis = channelAxis(layer, shape.length);
  const bias = seesNoPadding(layer) ? weight(layer, 'bias') : null;
  const by = {variable: kernel, axis: rank - 2, bias};
  graph.consume(layer, graph.along(x, outputAxis), by);
  return produce(graph, layer, {kernel, axis: rank - 1, shape, outputAxis, size: 'filters'});
};

/** The kernel is of [...size, filters, input channels]; near a border fewer taps add up. */
const transposed: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) => {
  const kernel = weight(layer, 'kernel') as LayerVariable;
  const rank = kernel.shape.length;
  const outputAxis = channelAxis(layer, shape.length);
  graph.consume(layer, graph.along(x, outputAxis), {variable: kernel, axis: rank - 1});
  return produce(graph, layer, {kernel, axis: rank - 2, shape, outputAxis, size: 'filters'});
};

const depthwiseConvolution: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) =>
  depthwise(graph, layer, x, shape, true);

/** A depthwise convolution, then one of size 1 over its outcome. */
const separable: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) => {
  const outputAxis = channelAxis(layer, shape.length);
  const filtered = depthwise(graph, layer, x, shape, false);
  const kernel = weight(layer, 'pointwiseKernel') as LayerVariable;
  const bias = weight(layer, 'bias');
  graph.consume(layer, filtered, {variable: kernel, axis: 2, bias});
  return produce(graph, layer, {kernel, axis: 3, shape, outputAxis, size: 'filters'});
};

/**
 * Each channel by itself, into `depthMultiplier` channels that stay or go with it.
 * The kernel is of [height, width, channels, depthMultiplier].
 */
function depthwise(
  graph: ChannelGraph,
  layer: Layer,
  input: Channels,
  shape: Shape,
  whole: boolean,
): Channels {
  const kernel = weight(layer, 'depthwiseKernel') as LayerVariable;
  const bias = whole ? weight(layer, 'bias') : null;
  const activation = whole ? activationOf(layer) : null;
  const outputAxis = channelAxis(layer, shape.length);
  const x = graph.along(input, outputAxis);
  const multiplier = kernel.shape[3] as number;
  const positions = x.ids.flatMap((_, i) => Array<number>(multiplier).fill(i));
  const ids = positions.map((i) => x.ids[i]);
  graph.bind(layer, kernel, 2, x.ids, 'depthwise');
  graph.bind(layer, bias, 0, ids, 'offset');
  const mixing = mixesChannels(activation);
  if (mixing) {
    graph.freeze(ids, `${mixing}, in layer '${graph.name}'`);
  }
  return new Channels(shape, outputAxis, ids, (memo) => {
    const filters = effectiveWeight(kernel);
    const known = pick(x.constants(memo), positions);
    const {fixed, value} = seesNoPadding(layer) ? known : onlyZeros(known);
    const taps = reshape(sum(filters, [0, 1]), [ids.length]);
    const dead = reshape(isZero(sum(add(isZero(filters), -1), [0, 1])), [ids.length]);
    const sums = mul(mul(value, fixed), taps);
    return {
      fixed: maximum(fixed, dead),
      value: activate(activation, add(sums, valuesOf(bias) ?? zerosLike(sums))),
    };
  });
}

/** Whether every output of a convolution adds up the same number of inputs. */
export function seesNoPadding(layer: Layer): boolean {
  const kernel = weight(layer, 'kernel') ?? weight(layer, 'depthwiseKernel');
  const size = windowOf(layer, 'kernelSize', (kernel?.shape.length ?? 4) - 2);
  return !isPadded(layer) || size.every((each) => each === 1);
}

export const CONVOLUTIONS = {
  Conv1D: convolution,
  Conv2D: convolution,
  Conv3D: convolution,
  Conv2DTranspose: transposed,
  Conv3DTranspose: transposed,
  DepthwiseConv2D: depthwiseConvolution,
  SeparableConv2D: separable,
};

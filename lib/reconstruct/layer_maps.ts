import {
  conv2dTranspose,
  conv3dTranspose,
  depthwiseConv2d,
  reshape,
  type Tensor,
  type Tensor4D,
  transpose,
} from '@tensorflow/tfjs-core';
import type {layers, LayerVariable} from '@tensorflow/tfjs-layers';

import {hasChannelsFirst, isPadded, windowOf as windowSetting} from '../model/layer_settings';
import {weight} from '../model/layer_weights';
import {readWeight} from '../model/read_weight';
import {
  convolutionMap,
  depthwiseMap,
  type LinearMap,
  productMap,
  transposedMap,
} from './linear_map';
import {MOST_INPUTS} from './most_inputs';
import type {WindowArgs} from './windows';

type Layer = layers.Layer;

/** A layer's linear part. */
export interface LinearLayer {
  readonly map: LinearMap;
  readonly kernel: LayerVariable;
  readonly bias: LayerVariable | null;
}

/** Layer class → its linear part. */
const RULES: Readonly<Record<string, (layer: Layer) => LinearLayer>> = {
  Dense: (layer) => ({...weightsOf(layer), map: productMap(shapeOf(layer))}),
  Conv1D: convolution,
  Conv2D: convolution,
  Conv3D: convolution,
  Conv2DTranspose: (layer) => transposed(layer, conv2dTranspose as unknown as Transposed),
  Conv3DTranspose: (layer) => transposed(layer, conv3dTranspose as unknown as Transposed),
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
};

/** Why layers of some classes are left as they are. */
const LEFT: Readonly<Record<string, string>> = {
  Embedding: 'its inputs are not changed by pruning, so that the kept weights are the best',
};

/** The linear part of `layer`, or why there is none to solve for. */
export function linearPartOf(layer: Layer): LinearLayer | string {
  const className = layer.getClassName();
  const rule = RULES[className];
  if (!rule) {
    const kind = /Cell$/.test(className) ? 'recurrent weights' : `weights of class ${className}`;
    return LEFT[className] ?? `there is no rule for ${kind}`;
  }
  const part = rule(layer);
  const {inputs} = part.map;
  return inputs > MOST_INPUTS
    ? `its ${inputs} inputs are more than the ${MOST_INPUTS} that can be solved for`
    : part;
}

function weightsOf(layer: Layer, kernel = 'kernel'): Omit<LinearLayer, 'map'> {
  return {kernel: weight(layer, kernel)!, bias: weight(layer, 'bias') ?? null};
}

function shapeOf(layer: Layer, kernel = 'kernel'): number[] {
  return weight(layer, kernel)!.shape as number[];
}

function windowOf(layer: Layer, kernel = 'kernel'): Omit<WindowArgs, 'size'> {
  const rank = shapeOf(layer, kernel).length - 2;
  return {
    strides: windowSetting(layer, 'strides', rank),
    dilations: windowSetting(layer, 'dilationRate', rank),
    padding: isPadded(layer) ? 'same' : 'valid',
  };
}

function convolution(layer: Layer): LinearLayer {
  const map = convolutionMap(shapeOf(layer), windowOf(layer));
  return {...weightsOf(layer), map: channelsLast(layer, map)};
}

function depthwise(layer: Layer): LinearLayer {
  // The layer of tfjs 4.22 does without the dilation that it is given.
  const window = {...windowOf(layer, 'depthwiseKernel'), dilations: [1, 1]};
  const map = depthwiseMap(shapeOf(layer, 'depthwiseKernel'), window);
  return {...weightsOf(layer, 'depthwiseKernel'), map: channelsLast(layer, map)};
}

/** The depthwise kernel stays, and its outputs are the inputs of the pointwise one. */
function separable(layer: Layer): LinearLayer {
  const {strides, dilations, padding} = windowOf(layer, 'depthwiseKernel');
  const product = productMap(shapeOf(layer, 'pointwiseKernel').slice(-2));
  const map: LinearMap = {
    ...product,
    growth: shapeOf(layer, 'depthwiseKernel')[3],
    rows: (input) =>
      product.rows(
        depthwiseConv2d(
          input as Tensor4D,
          readWeight(weight(layer, 'depthwiseKernel')!) as unknown as Tensor4D,
          strides as [number, number],
          padding as 'same' | 'valid',
          'NHWC',
          dilations as [number, number],
        ),
      ),
    toKernel: (matrix) => reshape(matrix, shapeOf(layer, 'pointwiseKernel')),
  };
  return {...weightsOf(layer, 'pointwiseKernel'), map: channelsLast(layer, map)};
}

/** What tfjs's transposed convolutions of two and of three dimensions have in common. */
type Transposed = (
  x: Tensor,
  kernel: Tensor,
  outputShape: number[],
  strides: readonly number[],
  padding: WindowArgs['padding'],
) => Tensor;

function transposed(layer: Layer, run: Transposed): LinearLayer {
  const {strides, padding} = windowOf(layer);
  const isFirst = hasChannelsFirst(layer);
  const map = transposedMap(shapeOf(layer), (input, kernel) => {
    const last = input.rank - 1;
    const own = isFirst ? toFirst(input.shape) : input.shape;
    const made = layer.computeOutputShape(own) as number[];
    const space = isFirst ? made.slice(2) : made.slice(1, last);
    const outputs = [input.shape[0], ...space, kernel.shape[kernel.rank - 2]];
    return run(input, kernel, outputs, strides, padding);
  });
  return {...weightsOf(layer), map: channelsLast(layer, map)};
}

/** The same map of inputs that may have their channels first. */
function channelsLast(layer: Layer, map: LinearMap): LinearMap {
  return hasChannelsFirst(layer)
    ? {...map, rows: (input) => map.rows(transpose(input, toLast(input.rank)))}
    : map;
}

function toLast(rank: number): number[] {
  return [0, ...Array.from({length: rank - 2}, (_, i) => i + 2), 1];
}

function toFirst(shape: readonly number[]): number[] {
  return [shape[0], shape[shape.length - 1], ...shape.slice(1, -1)];
}

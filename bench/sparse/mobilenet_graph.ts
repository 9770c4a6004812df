import type {io} from '@tensorflow/tfjs-core';

import {random} from '../../test/setup/models';
import {BLOCKS} from './mobilenet';
import {sparseKernel} from './weights';

const FLOAT = {type: 'DT_FLOAT'};
const CLASSES = 1000;
const text = (value: string) => ({s: btoa(value)});
const texts = (...values: string[]) => ({list: {s: values.map((value) => btoa(value))}});
const ints = (...values: number[]) => ({list: {i: values.map(String)}});
const sizes = (shape: readonly number[]) => ({dim: shape.map((size) => ({size: String(size)}))});

/**
 * MobileNetV1 as the converter makes it of a trained model: normalization is folded into
 * the convolutions, activations are fused. A share of the weights of its 1 x 1
 * convolutions is zero.
 */
export function mobileNetGraph(
  width: number,
  side: number,
  sparsity: number,
  block: number,
): io.ModelArtifacts {
  const nodes: object[] = [
    {
      name: 'images',
      op: 'Placeholder',
      attr: {dtype: FLOAT, shape: {shape: sizes([-1, side, side, 3])}},
    },
  ];
  const specs: io.WeightsManifestEntry[] = [];
  const data: Array<Float32Array | Int32Array> = [];
  const next = random(1);
  const constant = (name: string, shape: number[], values: Float32Array | Int32Array) => {
    const dtype = values instanceof Float32Array ? 'float32' : 'int32';
    const type = dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32';
    const tensor = {dtype: type, tensorShape: sizes(shape)};
    nodes.push({name, op: 'Const', attr: {dtype: {type}, value: {tensor}}});
    specs.push({name, shape, dtype});
    data.push(values);
    return name;
  };
  const biases = (name: string, length: number) =>
    constant(
      name,
      [length],
      Float32Array.from({length}, () => next() - 0.5),
    );
  const activated = {
    T: FLOAT,
    padding: text('SAME'),
    data_format: text('NHWC'),
    dilations: ints(1, 1, 1, 1),
    num_args: {i: '1'},
    fused_ops: texts('BiasAdd', 'Relu6'),
  };
  const channelsOf = (all: number) => Math.floor(all * width);
  let [x, channels] = ['images', 3];
  const convolve = (name: string, filters: number, size: number, stride: number) => {
    const shape = [size, size, channels, filters];
    const [zeros, neighbors] = size === 1 ? [sparsity, block] : [0, 1];
    const filter = constant(`${name}/filter`, shape, sparseKernel(shape, zeros, neighbors));
    const input = [x, filter, biases(`${name}/bias`, filters)];
    const attr = {...activated, strides: ints(1, stride, stride, 1), epsilon: {f: 0}};
    nodes.push({name, op: '_FusedConv2D', input, attr});
    [x, channels] = [name, filters];
  };
  const convolveByDepth = (name: string, stride: number) => {
    const shape = [3, 3, channels, 1];
    const filter = constant(`${name}/filter`, shape, sparseKernel([9, channels], 0, 1));
    const input = [x, filter, biases(`${name}/bias`, channels)];
    const attr = {...activated, strides: ints(1, stride, stride, 1)};
    nodes.push({name, op: 'FusedDepthwiseConv2dNative', input, attr});
    x = name;
  };
  convolve('stem', channelsOf(32), 3, 2);
  BLOCKS.forEach(([all, stride], i) => {
    convolveByDepth(`depthwise_${i}`, stride);
    convolve(`pointwise_${i}`, channelsOf(all), 1, 1);
  });
  const axes = constant('axes', [2], new Int32Array([1, 2]));
  nodes.push({
    name: 'mean',
    op: 'Mean',
    input: [x, axes],
    attr: {T: FLOAT, Tidx: {type: 'DT_INT32'}, keep_dims: {b: false}},
  });
  const matrix = constant('classes', [channels, CLASSES], sparseKernel([channels, CLASSES], 0, 1));
  nodes.push({
    name: 'logits',
    op: '_FusedMatMul',
    input: ['mean', matrix, biases('classes/bias', CLASSES)],
    attr: {
      T: FLOAT,
      transpose_a: {b: false},
      transpose_b: {b: false},
      num_args: {i: '1'},
      epsilon: {f: 0},
      fused_ops: texts('BiasAdd'),
    },
  });
  nodes.push({name: 'probabilities', op: 'Softmax', input: ['logits'], attr: {T: FLOAT}});
  const signature = (name: string, shape: number[]) => ({
    [name]: {name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: sizes(shape)},
  });
  return {
    format: 'graph-model',
    modelTopology: {node: nodes, versions: {producer: 1}},
    weightSpecs: specs,
    weightData: joined(data),
    signature: {
      inputs: signature('images', [-1, side, side, 3]),
      outputs: signature('probabilities', [-1, CLASSES]),
    },
  };
}

function joined(parts: ReadonlyArray<Float32Array | Int32Array>): ArrayBuffer {
  const bytes = new Uint8Array(parts.reduce((sum, {byteLength}) => sum + byteLength, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), end);
    end += part.byteLength;
  }
  return bytes.buffer;
}

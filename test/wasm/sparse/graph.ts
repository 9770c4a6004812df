import type {io} from '@tensorflow/tfjs-core';

import {sparseValues} from '../../kernels/sparse/on_wasm';

const FLOAT = {type: 'DT_FLOAT'};
const text = (value: string) => ({s: btoa(value)});
const ints = (values: number[]) => ({list: {i: values.map(String)}});
const sizes = (shape: readonly number[]) => ({dim: shape.map((size) => ({size: String(size)}))});

/** A graph as converters make it: a convolution with its activation, a depthwise one, a product. */
export function graphArtifacts(sparsity: number): io.ModelArtifacts {
  const weights: Record<string, {shape: number[]; values: Float32Array}> = {
    filter: {shape: [3, 3, 16, 16], values: sparseValues(144, 16, sparsity, 1, 1)},
    bias: {shape: [16], values: sparseValues(1, 16, 0, 1, 2)},
    depthwise: {shape: [3, 3, 16, 1], values: sparseValues(9, 16, sparsity, 1, 3)},
    matrix: {shape: [256, 32], values: sparseValues(256, 32, sparsity, 1, 4)},
  };
  const convolution = {
    T: FLOAT,
    strides: ints([1, 1, 1, 1]),
    dilations: ints([1, 1, 1, 1]),
    padding: text('SAME'),
    data_format: text('NHWC'),
  };
  const node = [
    {name: 'x', op: 'Placeholder', attr: {dtype: FLOAT, shape: {shape: sizes([-1, 4, 4, 16])}}},
    ...Object.entries(weights).map(([name, {shape}]) => ({
      name,
      op: 'Const',
      attr: {dtype: FLOAT, value: {tensor: {dtype: 'DT_FLOAT', tensorShape: sizes(shape)}}},
    })),
    {name: 'same_filter', op: 'Identity', input: ['filter'], attr: {T: FLOAT}},
    {
      name: 'convolution',
      op: '_FusedConv2D',
      input: ['x', 'same_filter', 'bias'],
      attr: {
        ...convolution,
        num_args: {i: '1'},
        epsilon: {f: 0},
        fused_ops: {list: {s: [btoa('BiasAdd'), btoa('Relu6')]}},
      },
    },
    {
      name: 'spread',
      op: 'DepthwiseConv2dNative',
      input: ['convolution', 'depthwise'],
      attr: convolution,
    },
    {
      name: 'shape',
      op: 'Const',
      attr: {
        dtype: {type: 'DT_INT32'},
        value: {tensor: {dtype: 'DT_INT32', tensorShape: sizes([2])}},
      },
    },
    {name: 'flat', op: 'Reshape', input: ['spread', 'shape'], attr: {T: FLOAT}},
    {
      name: 'product',
      op: 'MatMul',
      input: ['flat', 'matrix'],
      attr: {T: FLOAT, transpose_a: {b: false}, transpose_b: {b: false}},
    },
  ];
  const specs = Object.entries(weights).map(([name, {shape}]) => ({
    name,
    shape,
    dtype: 'float32' as const,
  }));
  const floats = Object.values(weights).flatMap(({values}) => [...values]);
  const data = new ArrayBuffer(4 * floats.length + 8);
  new Float32Array(data, 0, floats.length).set(floats);
  new Int32Array(data, 4 * floats.length, 2).set([-1, 256]);
  const signature = (name: string, shape: number[]) => ({
    [name]: {name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: sizes(shape)},
  });
  return {
    format: 'graph-model',
    modelTopology: {node, versions: {producer: 1}},
    weightSpecs: [...specs, {name: 'shape', shape: [2], dtype: 'int32'}],
    weightData: data,
    signature: {inputs: signature('x', [-1, 4, 4, 16]), outputs: signature('product', [-1, 32])},
  };
}

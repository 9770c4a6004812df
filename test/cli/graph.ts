import type {io} from '@tensorflow/tfjs-core';

const shapeOf = (sizes: number[]) => ({shape: {dim: sizes.map((size) => ({size: `${size}`}))}});
const FLOAT = {type: 'DT_FLOAT'};

/** A graph as tensorflowjs_converter writes it: relu(x · kernel + bias) · head. */
export function graphArtifacts(): io.ModelArtifacts {
  const constant = (name: string, sizes: number[]) => ({
    name,
    op: 'Const',
    attr: {dtype: FLOAT, value: {tensor: {dtype: 'DT_FLOAT', tensorShape: shapeOf(sizes).shape}}},
  });
  const product = (name: string, input: string[]) => ({
    name,
    op: 'MatMul',
    input,
    attr: {T: FLOAT, transpose_a: {b: false}, transpose_b: {b: false}},
  });
  const node = [
    {name: 'x', op: 'Placeholder', attr: {dtype: FLOAT, ...{shape: shapeOf([-1, 4])}}},
    constant('dense/kernel', [4, 2]),
    constant('dense/bias', [2]),
    constant('head/kernel', [2, 2]),
    {name: 'read', op: 'Identity', input: ['dense/kernel'], attr: {T: FLOAT}},
    product('product', ['x', 'read']),
    {name: 'sum', op: 'AddV2', input: ['product', 'dense/bias'], attr: {T: FLOAT}},
    {name: 'relu', op: 'Relu', input: ['sum'], attr: {T: FLOAT}},
    product('y', ['relu', 'head/kernel']),
  ];
  const values = [1, -8, 2, 7, -3, 6, 4, -5, 0.5, 0.25, 9, 1, 2, 3];
  return {
    format: 'graph-model',
    generatedBy: 'test',
    convertedBy: null,
    modelTopology: {node, versions: {producer: 1}},
    signature: {
      inputs: {x: {name: 'x:0', dtype: 'DT_FLOAT', tensorShape: shapeOf([-1, 4]).shape}},
      outputs: {y: {name: 'y:0', dtype: 'DT_FLOAT', tensorShape: shapeOf([-1, 2]).shape}},
    } as object,
    weightSpecs: [
      {name: 'dense/kernel', shape: [4, 2], dtype: 'float32'},
      {name: 'dense/bias', shape: [2], dtype: 'float32'},
      {name: 'head/kernel', shape: [2, 2], dtype: 'float32'},
    ],
    weightData: Float32Array.from(values).buffer,
  };
}

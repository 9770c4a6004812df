import type {io} from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {sensitiveWeights} from '../../lib/model/sensitive_weights';

type Spec = io.WeightsManifestEntry;

const specOf = (name: string, shape: number[]): Spec => ({name, shape, dtype: 'float32'});

function sensitive(modelTopology: object | undefined, weightSpecs: Spec[]): string[] {
  return [...sensitiveWeights('a model', {modelTopology, weightSpecs}).keys()];
}

test('of a LayersModel are vectors, and depthwise kernels by their name', () => {
  const all = [
    layers.conv2d({inputShape: [8, 8, 3], filters: 4, kernelSize: 3}),
    layers.batchNormalization(),
    layers.depthwiseConv2d({kernelSize: 3}),
    layers.separableConv2d({filters: 6, kernelSize: 3}),
    layers.timeDistributed({layer: layers.dense({units: 5, useBias: false})}),
    layers.prelu({sharedAxes: [1, 2]}),
    layers.flatten(),
    layers.dense({units: 1}),
  ];
  const model = sequential({layers: all});
  const specs = model.weights.map(({originalName, shape}) =>
    specOf(originalName, shape as number[]),
  );
  const own = specs.map(({name}) => name).filter((name) => /(kernel|embeddings)$/.test(name));
  const kernels = own.filter((name) => !name.endsWith('depthwise_kernel'));
  expect(kernels.map((name) => name.replace(/.*\//, ''))).toEqual([
    'kernel',
    'pointwise_kernel',
    'kernel',
    'kernel',
  ]);
  const names = specs.map(({name}) => name);
  const expected = names.filter((name) => !kernels.includes(name));
  expect(sensitive(model.toJSON(null, false) as object, specs)).toEqual(expected);
  model.dispose();
});

test.each([
  ['dense_1/bias', [2, 3], true],
  ['dense/bias_1', [2, 3], true],
  ['a/b/moving_variance', [4, 4], true],
  ['dense/kernel', [5, 1], false],
  ['dense/kernel', [1, 5], true],
  ['alpha', [1, 1, 7], true],
  ['unbiased/kernel', [2, 2], false],
  ['my_bias_table/embeddings', [9, 4], false],
  ['alone', [], true],
] as const)('%s of shape %j: %p', (name, shape, isSensitive) => {
  expect(sensitive({class_name: 'Model'}, [specOf(name, [...shape])])).toEqual(
    isSensitive ? [name] : [],
  );
});

test.each([
  ['dense_1/bias', [20], 'offset'],
  ['norm/beta', [20], 'offset'],
  ['norm/moving_mean', [20], 'offset'],
  ['norm/gamma', [20], 'scale'],
  ['norm/moving_variance', [20], 'scale'],
  ['block/depthwise_kernel_1', [3, 3, 8, 1], 'filter'],
  ['places', [20], 'other'],
] as const)('%s of shape %j is %p', (name, shape, expected) => {
  const weightSpecs = [specOf(name, [...shape])];
  const modelTopology = {class_name: 'Model'};
  expect(sensitiveWeights('a model', {modelTopology, weightSpecs}).get(name)).toBe(expected);
});

test('a model without topology or weights has those of its weights', () => {
  expect(sensitive(undefined, [specOf('w', [2, 2]), specOf('v', [2])])).toEqual(['v']);
  expect([...sensitiveWeights('a model', {modelTopology: {node: []}})]).toEqual([]);
});

describe('of a GraphModel', () => {
  const node = (name: string, op: string, ...input: string[]) => ({name, op, input});
  const topology = {
    node: [
      ...['filter', 'folded', 'scale', 'table', 'both', 'weights', 'offset', 'lstm'].map((name) =>
        node(name, 'Const'),
      ),
      node('x', 'Placeholder'),
      node('read', 'Identity', 'folded'),
      node('turned', 'Transpose', 'read:0', 'order'),
      node('depthwise', 'FusedDepthwiseConv2dNative', 'x', 'turned', 'offset'),
      node('conv', '_FusedConv2D', 'depthwise', 'filter', 'scale'),
      node('sum', 'AddV2', 'conv', 'both'),
      node('product', 'MatMul', 'sum', 'both'),
      node('reshaped', 'Reshape', 'weights', 'shape'),
      node('other', 'MatMul', 'product', 'reshaped'),
      node('embedded', 'GatherV2', 'table', 'x', 'axis'),
      node('loop', 'StatelessWhile', 'other', 'lstm'),
    ],
  };

  test('are those that operations on single channels alone use', () => {
    const specs = topology.node
      .filter(({op}) => op === 'Const')
      .map(({name}) => specOf(name, [3, 3]));
    expect(sensitive(topology, specs)).toEqual(['folded', 'scale', 'offset']);
  });

  test('shift channels, filter them, or are anything, such as places that are added', () => {
    const names = ['folded', 'scale', 'offset', 'added', 'shared'];
    const nodes = [
      ...topology.node,
      ...['added', 'shared'].map((name) => node(name, 'Const')),
      node('places', 'AddV2', 'conv', 'added'),
      node('biased', 'BiasAdd', 'conv', 'shared'),
      node('multiplied', 'Mul', 'biased', 'shared'),
    ];
    const weightSpecs = names.map((name) => specOf(name, [3, 3]));
    const found = sensitiveWeights('a model', {modelTopology: {node: nodes}, weightSpecs});
    expect([...found]).toEqual([
      ['folded', 'filter'],
      ['scale', 'offset'],
      ['offset', 'offset'],
      ['added', 'other'],
      ['shared', 'other'],
    ]);
  });

  test('and vectors, whatever uses them', () => {
    expect(sensitive(topology, [specOf('filter', [1, 1, 3]), specOf('unused', [2])])).toEqual([
      'filter',
      'unused',
    ]);
  });

  test('need nodes that are such', () => {
    expect(() => sensitive({node: [{op: 'MatMul'}]}, [])).toThrow('a model: node 0: expected');
  });
});

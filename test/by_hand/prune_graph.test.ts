import * as tf from '@tensorflow/tfjs-core';
import {GraphModel, loadGraphModel} from '@tensorflow/tfjs-converter';

import {compressed} from '../../lib/files/io';
import {pruneGraph, type PruneGraphArgs, PruningError} from '../../lib/index';
import {zeros} from '../setup/models';
import {graphOf, type GraphSpec} from './graph_models';

const load = (spec: GraphSpec) =>
  loadGraphModel(tf.io.fromMemory(graphOf(spec))) as unknown as Promise<GraphModel>;

/** Numbers of all constants, by name. */
function constants(model: GraphModel): Record<string, number[]> {
  const all = model.weights as Record<string, tf.Tensor[]>;
  return Object.fromEntries(
    Object.entries(all).map(([name, [value]]) => [name, [...value.dataSync()]]),
  );
}

function distance(a: GraphModel, b: GraphModel, x: tf.Tensor): number {
  return tf.tidy(() => {
    const difference = tf.sub(a.predict(x) as tf.Tensor, b.predict(x) as tf.Tensor);
    return tf.mean(tf.square(difference)).dataSync()[0];
  });
}

/** Two products with biases: one fused, one by nodes of its own. */
const MLP: GraphSpec = {
  input: [-1, 12],
  constants: {k1: [12, 16], b1: [16], k2: [8, 16], b2: [8], unused: [3, 3]},
  nodes: [
    {name: 'p1', op: 'MatMul', input: ['x', 'k1']},
    {name: 's1', op: 'AddV2', input: ['p1', 'b1']},
    {name: 'r1', op: 'Relu', input: ['s1']},
    {name: 'read', op: 'Identity', input: ['k2']},
    {
      name: 'y',
      op: '_FusedMatMul',
      input: ['r1', 'read', 'b2'],
      attr: {transpose_b: {b: true}, fused_ops: {list: {s: ['BiasAdd']}}, num_args: {i: '1'}},
    },
  ],
  output: 'y',
};

const by = (step: number) => ({list: {i: ['1', `${step}`, `${step}`, '1']}});
const windows = (stride: number, padding: string) => ({
  ...{strides: by(stride), dilations: by(1), padding: {s: padding}},
});

/** Convolutions: fused, depthwise, with zeros given, and one kernel that is used twice. */
const CNN: GraphSpec = {
  input: [-1, 8, 8, 2],
  constants: {
    ...{k1: [3, 3, 2, 8], b1: [8], d: [3, 3, 8, 1], db: [8]},
    ...{k2: [3, 3, 8, 6], k3: [1, 1, 6, 6], shape: [6]},
  },
  nodes: [
    {
      name: 'c1',
      op: '_FusedConv2D',
      input: ['x', 'k1', 'b1'],
      attr: {
        ...windows(1, 'SAME'),
        ...{fused_ops: {list: {s: ['BiasAdd', 'Relu']}}, num_args: {i: '1'}},
      },
    },
    {
      name: 'c2',
      op: 'FusedDepthwiseConv2dNative',
      input: ['c1', 'd', 'db'],
      attr: {
        ...windows(2, 'SAME'),
        ...{fused_ops: {list: {s: ['BiasAdd', 'Relu6']}}, num_args: {i: '1'}},
      },
    },
    {
      name: 'c3',
      op: 'Conv2D',
      input: ['c2', 'k2'],
      attr: {
        ...windows(1, 'EXPLICIT'),
        explicit_paddings: {list: {i: ['0', '0', '1', '0', '1', '1', '0', '0']}},
      },
    },
    {
      ...{name: 'c4', op: 'Conv2D', input: ['c3', 'k3']},
      attr: windows(1, 'VALID'),
    },
    {name: 'r4', op: 'Relu', input: ['c4']},
    {
      ...{name: 'c5', op: 'Conv2D', input: ['r4', 'k3']},
      attr: windows(1, 'VALID'),
    },
    {name: 'y', op: 'AddV2', input: ['c5', 'r4']},
  ],
  output: 'y',
};

const mlpSamples = () => {
  const some = tf.randomNormal([200, 4], 0.3, 1, 'float32', 5);
  const noise = tf.randomNormal([200, 12], 0, 0.3, 'float32', 6);
  return tf.add(tf.concat([some, some, some], 1), noise);
};
const images = (seed = 1) => tf.randomNormal([64, 8, 8, 2], 0.3, 1, 'float32', seed);

describe('pruneGraph', () => {
  it('prunes kernels in place, and nothing else', async () => {
    const model = await load(MLP);
    const before = constants(model);
    const report = await pruneGraph(model, {sparsity: 0.5});
    const after = constants(model);
    expect(report).toEqual({
      weights: [
        {name: 'k1', size: 192, zeros: 96},
        {name: 'k2', size: 128, zeros: 64},
      ],
      sparsity: 0.5,
      layers: [],
      left: [],
    });
    for (const name of ['k1', 'k2']) {
      const order = before[name].map(Math.abs).sort((a, b) => a - b);
      const cut = order[order.length / 2];
      expect(after[name]).toEqual(before[name].map((v) => (Math.abs(v) < cut ? 0 : v)));
    }
    ['b1', 'b2', 'unused'].forEach((name) => expect(after[name]).toEqual(before[name]));
  });

  const cases: Array<[string, GraphSpec, () => tf.Tensor, Partial<PruneGraphArgs>]> = [
    ['products', MLP, mlpSamples, {}],
    ['products by ADMM', MLP, mlpSamples, {mask: 'admm'}],
    ['products in blocks', MLP, mlpSamples, {structure: {block: [1, 4]}}],
    ['products in blocks by ADMM', MLP, mlpSamples, {structure: {block: [1, 4]}, mask: 'admm'}],
    ['products, 2:4', MLP, mlpSamples, {structure: {n: 2, m: 4}}],
    ['products together', MLP, mlpSamples, {scope: 'global'}],
    ['convolutions', CNN, images, {}],
    ['convolutions together', CNN, images, {scope: 'global'}],
    ['convolutions by ADMM', CNN, images, {mask: 'admm'}],
  ];

  it.each(cases)('brings %s back', async (_, spec, samples, more) => {
    const [dense, plain, solved] = [await load(spec), await load(spec), await load(spec)];
    const x = samples();
    const selection = {...more};
    delete selection.mask;
    const first = await pruneGraph(plain, {sparsity: 0.5, ...selection});
    const report = await pruneGraph(solved, {sparsity: 0.5, ...more, calibration: {x}});
    expect(report.weights.map(({zeros: count}) => count)).toEqual(
      first.weights.map(({zeros: count}) => count),
    );
    for (const {name, zeros: count} of report.weights) {
      expect(zeros(constants(solved)[name])).toBe(count);
    }
    expect(report.left).toEqual([]);
    expect(report.layers.some(({before, after}) => after < 0.8 * before)).toBe(true);
    expect(distance(solved, dense, x)).toBeLessThan(0.8 * distance(plain, dense, x));
  });

  it('keeps N:M along the inputs, also of a kernel that is turned', async () => {
    const model = await load(MLP);
    await pruneGraph(model, {sparsity: 0.5, structure: {n: 2, m: 4}});
    const kernel = constants(model).k2;
    // [8 outputs, 16 inputs]: groups of four lie side by side.
    for (let i = 0; i < kernel.length; i += 4) {
      expect(zeros(kernel.slice(i, i + 4))).toBe(2);
    }
  });

  it('compares kernels in units of their own size with scope global', async () => {
    const model = await load(MLP);
    const scaled = graphOf(MLP);
    const values = new Float32Array(scaled.weightData as ArrayBuffer);
    values.subarray(0, 192).forEach((value, i) => (values[i] = 1000 * value));
    const other = (await loadGraphModel(tf.io.fromMemory(scaled))) as unknown as GraphModel;
    const reports = [
      await pruneGraph(model, {sparsity: 0.5, scope: 'global'}),
      await pruneGraph(other, {sparsity: 0.5, scope: 'global'}),
    ];
    expect(reports[0].weights).toEqual(reports[1].weights);
    expect(reports[0].sparsity).toBeCloseTo(0.5);
  });

  it('takes names, and shares of their own', async () => {
    const counts = async (layers: PruneGraphArgs['layers']) => {
      const {weights} = await pruneGraph(await load(MLP), {sparsity: 0.5, layers});
      return Object.fromEntries(weights.map(({name, zeros: count}) => [name, count]));
    };
    expect(await counts(['k2'])).toEqual({k2: 64});
    expect(await counts({k1: 0.25})).toEqual({k1: 48, k2: 64});
    expect(await counts({k1: false})).toEqual({k2: 64});
    expect(await counts([/2$/g])).toEqual({k2: 64});
    expect(await counts([/^k\d/, 'k2'])).toEqual({k1: 96, k2: 64});
  });

  it('is saved pruned, stored in few bits or not', async () => {
    for (const quantization of [undefined, {dtype: 'uint8', scale: 0.01, min: -1.3} as const]) {
      const model = await load({...MLP, quantization});
      await pruneGraph(model, {sparsity: 0.5, calibration: {x: mlpSamples()}});
      let artifacts: tf.io.ModelArtifacts = {};
      const handler = tf.io.withSaveHandler(async (all) => {
        artifacts = all;
        return {modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}};
      });
      await model.save(handler);
      const again = await loadGraphModel(tf.io.fromMemory(artifacts));
      expect(constants(again as unknown as GraphModel)).toEqual(constants(model));
      const store = tf.io.withSaveHandler(async (all) => {
        artifacts = all;
        return {modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}};
      });
      await model.save(compressed(store, {quantize: 'float16'}));
      const small = await loadGraphModel(tf.io.fromMemory(artifacts));
      expect(zeros(constants(small as unknown as GraphModel).k1)).toBe(96);
    }
  });

  it('leaves what it cannot solve for, and says so', async () => {
    const lookup: GraphSpec = {
      input: [-1, 3],
      constants: {words: [3, 4], axis: [1], head: [3, 2]},
      nodes: [
        {name: 'y', op: 'MatMul', input: ['x', 'head']},
        {
          ...{name: 'z', op: 'MatMul', input: ['x', 'words']},
          attr: {transpose_a: {b: true}},
        },
      ],
      output: 'y',
      others: ['z'],
    };
    const model = await load(lookup);
    const x = tf.randomNormal([3, 3], 0, 1, 'float32', 2);
    const {left, layers} = await pruneGraph(model, {sparsity: 0.5, calibration: {x}});
    expect(layers.map(({name}) => name)).toEqual(['head']);
    expect(left).toEqual([{name: 'words', reason: expect.stringMatching(/product/)}]);
  });

  it('leaves what depends on control flow, and runs what comes after it', async () => {
    const branching: GraphSpec = {
      input: [-1, 4],
      constants: {k1: [4, 6], k2: [6, 3]},
      nodes: [
        {name: 'p1', op: 'MatMul', input: ['x', 'k1']},
        {name: 'merged', op: 'Merge', input: ['p1', 'p1']},
        {name: 'y', op: 'MatMul', input: ['merged', 'k2']},
      ],
      output: 'y',
    };
    const model = await load(branching);
    const x = tf.randomNormal([30, 4], 0, 1, 'float32', 2);
    const {left, layers} = await pruneGraph(model, {sparsity: 0.5, calibration: {x}});
    expect(layers.map(({name}) => name)).toEqual(['k1']);
    expect(left).toEqual([{name: 'k2', reason: 'it depends on control flow'}]);
    expect(zeros(constants(model).k2)).toBe(9);
  });

  it('keeps no tensors, and runs on as before', async () => {
    const model = await load(CNN);
    const x = images();
    const before = tf.memory().numTensors;
    await pruneGraph(model, {sparsity: 0.5, calibration: {x}});
    await pruneGraph(model, {sparsity: 0.6, calibration: {x}, mask: 'admm'});
    expect(tf.memory().numTensors).toBe(before);
    for (let i = 0; i < 2; ++i) {
      tf.dispose(model.predict(x));
    }
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it('takes a dataset', async () => {
    const [one, two] = [await load(MLP), await load(MLP)];
    const x = mlpSamples();
    let left = 2;
    const next = async () =>
      left-- > 0
        ? {value: {xs: tf.slice(x, left * 100, 100), ys: tf.zeros([100])}, done: false}
        : {value: null, done: true};
    const dataset = {size: 2, iterator: async () => ({next})} as never;
    await pruneGraph(one, {sparsity: 0.5, calibration: dataset});
    await pruneGraph(two, {sparsity: 0.5, calibration: {x}});
    const [a, b] = [constants(one).k2, constants(two).k2];
    a.forEach((value, i) => expect(value).toBeCloseTo(b[i], 3));
  });

  const bad: Array<[string, object]> = [
    ['sparsity', {sparsity: 1}],
    ['layers', {sparsity: 0.5, layers: ['k9']}],
    ['layers', {sparsity: 0.5, layers: ['k1', /^9/]}],
    ['layers', {sparsity: 0.5, layers: {k9: 0.5}}],
    ['scope', {sparsity: 0.5, scope: 'all'}],
    ['mask', {sparsity: 0.5, mask: 'admm'}],
    ['calibration.x', {sparsity: 0.5, calibration: {x: 'zeros [2, 5]'}}],
    ['calibration.x', {sparsity: 0.5, calibration: {x: 'zeros [0, 12]'}}],
    ['calibration.x', {sparsity: 0.5, calibration: {x: 'NaN'}}],
    ['pruneGraph', {sparsity: 0.5, teacher: 5}],
  ];

  it.each(bad)('refuses %s: %j, and the graph is what it was', async (argument, args) => {
    const model = await load(MLP);
    const before = constants(model);
    const given = (args as {calibration?: {x: string}}).calibration?.x;
    const x = {
      'zeros [2, 5]': () => tf.zeros([2, 5]),
      'zeros [0, 12]': () => tf.zeros([0, 12]),
      NaN: () => tf.fill([3, 12], NaN),
    }[given ?? ''];
    const own = x ? {...args, calibration: {x: x()}} : args;
    const tensors = tf.memory().numTensors;
    const failure = pruneGraph(model, own as never);
    await expect(failure).rejects.toThrow(PruningError);
    await expect(failure).rejects.toMatchObject({
      argument,
    });
    expect(constants(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('is what it was after a stop', async () => {
    const model = await load(MLP);
    const before = constants(model);
    const stopped = pruneGraph(model, {
      sparsity: 0.5,
      calibration: {x: mlpSamples()},
      onProgress: () => false,
    });
    await expect(stopped).rejects.toThrow(expect.objectContaining({name: 'AbortError'}));
    expect(constants(model)).toEqual(before);
  });

  it('refuses what is no graph', async () => {
    for (const value of [null, 5, {}, {execute: () => {}}]) {
      await expect(pruneGraph(value as never, {sparsity: 0.5})).rejects.toMatchObject({
        argument: 'model',
      });
    }
  });
});

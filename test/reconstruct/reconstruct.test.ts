import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {
  ChannelPruner,
  getMask,
  pruneNow,
  PruningError,
  reconstruct,
  snapshotWeights,
  stripPruning,
} from '../../lib/index';
import {data, dataset, kernel, mlp, setWeight, state, values, zeroPositions} from '../setup/models';
import {randomizeWeights} from '../shrink/random_model';

type T = SymbolicTensor;
type Layer = layers.Layer;

const chain = (x: T, ...all: Layer[]) => all.reduce((y, layer) => layer.apply(y) as T, x);

/** A model of `all`, each after the other. */
function ofLayers(shape: number[], ...all: Layer[]): LayersModel {
  const x = input({shape});
  const model = makeModel({inputs: x, outputs: chain(x, ...all)});
  randomizeWeights(model, 5);
  return model;
}

const normal = (shape: number[], seed = 1) =>
  tf.randomNormal(shape, 0.5, 1, 'float32', seed) as tf.Tensor;

/** Mean of (a − b)². */
function distance(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.mean(tf.square(tf.sub(a, b))).dataSync()[0]);
}

function predict(model: LayersModel, x: tf.Tensor): tf.Tensor {
  return model.predict(x) as tf.Tensor;
}

/** A model of one dense layer with these weights. */
function dense(weights: number[], bias?: number): LayersModel {
  const layer = layers.dense({
    name: 'dense_0',
    units: 1,
    inputShape: [weights.length],
    useBias: bias !== undefined,
  });
  const model = sequential({layers: [layer]});
  setWeight(layer, 0, weights);
  if (bias !== undefined) {
    setWeight(layer, 1, [bias]);
  }
  return model;
}

describe('reconstruct', () => {
  it('gives what a pruned input did to one that is the same, by hand', async () => {
    const model = dense([3, 0]);
    const teacher = dense([3, 1]);
    const x = tf.tensor2d([1, 1, 2, 2, -3, -3], [3, 2]);
    const {layers: all, left} = await reconstruct(model, {teacher, x});
    const [weight, zero] = kernel(model, 'dense_0');
    // The damping of 1 % holds it back by as much.
    expect(weight).toBeCloseTo(3 + 1 / 1.01, 4);
    expect(zero).toBe(0);
    expect(left).toEqual([]);
    // (4x − 3x)² / (4x)², then (0.01 / 1.01)² / 16.
    expect(all).toEqual([
      {name: 'dense_0', before: expect.closeTo(1 / 16), after: expect.closeTo(6.1e-6, 6)},
    ]);
  });

  it('lets the bias take up the means', async () => {
    // The second input is always 5, and was worth 10.
    const model = dense([1, 0], 1);
    const x = tf.tensor2d([0, 5, 4, 5, 8, 5], [3, 2]);
    const {layers: all} = await reconstruct(model, {teacher: dense([1, 2], 1), x});
    expect(kernel(model, 'dense_0')[0]).toBeCloseTo(1, 5);
    expect(values(model.layers[0].weights[1])[0]).toBeCloseTo(11, 4);
    expect(all[0].before).toBeCloseTo(100 / (32 / 3), 3);
    expect(all[0].after).toBeCloseTo(0, 5);
  });

  it('mends outputs that never vary', async () => {
    const model = dense([1, 0], 1);
    const x = tf.tensor2d([4, 5, 4, 5], [2, 2]);
    const {layers: all} = await reconstruct(model, {teacher: dense([1, 2], 1), x});
    expect(all).toEqual([{name: 'dense_0', before: 1, after: 0}]);
    expect(values(predict(model, x))).toEqual(Float32Array.of(15, 15));
  });

  it('goes by all calls of a layer that is shared, by hand', async () => {
    const shared = layers.dense({units: 1, useBias: false, name: 'dense_0'});
    const make = (weights: number[]) => {
      const own = layers.dense({units: 1, useBias: false, name: 'dense_0'});
      const [a, b] = [input({shape: [2]}), input({shape: [2]})];
      const outputs = layers.add().apply([own.apply(a) as T, own.apply(b) as T]) as T;
      setWeight(own, 0, weights);
      return makeModel({inputs: [a, b], outputs});
    };
    const model = make([1, 0]);
    // Σ over both calls: x₁² = 1 + 4, x₁·y = 1·(1 + 1) + 2·(2 + 4).
    const x = [tf.tensor2d([[1, 1]]), tf.tensor2d([[2, 4]])];
    await reconstruct(model, {teacher: make([1, 1]), x});
    expect(shared.name).toBe('dense_0');
    const ridge = 0.01 * (5 + 17) / 2; // prettier-ignore
    expect(kernel(model, 'dense_0')[0]).toBeCloseTo((14 + ridge) / (5 + ridge), 4);
  });

  const relu = {activation: 'relu'} as const;
  const chains: Array<[string, number[], () => Layer[]]> = [
    ['dense', [8], () => [layers.dense({units: 12, ...relu}), layers.dense({units: 6})]],
    ['convolutions', [8, 8, 3], () => [
      layers.conv2d({filters: 6, kernelSize: 3, ...relu}),
      layers.conv2d({filters: 6, kernelSize: 3, strides: 2, padding: 'same', ...relu}),
      layers.flatten(),
      layers.dense({units: 4}),
    ]],
    ['1d', [12, 3], () => [
      layers.conv1d({filters: 6, kernelSize: 3, ...relu}),
      layers.conv1d({filters: 5, kernelSize: 3, dilationRate: 2}),
    ]],
    ['separable and depthwise', [8, 8, 3], () => [
      layers.separableConv2d({filters: 6, kernelSize: 3, ...relu}),
      layers.depthwiseConv2d({kernelSize: 3}),
      layers.conv2d({filters: 6, kernelSize: 1}),
    ]],
    ['transposed', [4, 4, 3], () => [
      layers.conv2d({filters: 6, kernelSize: 1, ...relu}),
      layers.conv2dTranspose({filters: 3, kernelSize: 3, strides: 2}),
    ]],
    ['channels first', [3, 6, 6], () => [
      layers.conv2d({filters: 6, kernelSize: 3, dataFormat: 'channelsFirst', ...relu}),
      layers.conv2d({filters: 4, kernelSize: 3, dataFormat: 'channelsFirst'}),
    ]],
    ['with normalization', [6, 6, 3], () => [
      layers.conv2d({filters: 8, kernelSize: 3, useBias: false}),
      layers.batchNormalization(),
      layers.reLU(),
      layers.conv2d({filters: 4, kernelSize: 3, useBias: false}),
      layers.batchNormalization(),
    ]],
    ['nested', [8], () => [
      sequential({layers: [layers.dense({units: 12, inputShape: [8], ...relu})]}),
      layers.dense({units: 6}),
    ]],
    ['time distributed', [5, 8], () => [
      layers.timeDistributed({layer: layers.dense({units: 12, ...relu})}),
      layers.dense({units: 6}),
    ]],
  ]; // prettier-ignore

  it.each(chains)('brings %s back', async (_, shape, make) => {
    const model = ofLayers(shape, ...make());
    const x = normal([200, ...shape]);
    const unseen = normal([100, ...shape], 2);
    const wanted = predict(model, unseen);
    const teacher = snapshotWeights(model);
    await pruneNow(model, {sparsity: 0.5, layers: (layer) => layer.countParams() > 20});
    const zeros = model.weights.map((weight) => zeroPositions(values(weight)));
    const before = distance(predict(model, unseen), wanted);
    const report = await reconstruct(model, {teacher, x});
    expect(distance(predict(model, unseen), wanted)).toBeLessThan(0.85 * before);
    expect(report.left).toEqual([]);
    report.layers.forEach((layer) => expect(layer.after).toBeLessThanOrEqual(layer.before));
    expect(report.layers.some((layer) => layer.after < 0.9 * layer.before)).toBe(true);
    model.weights.forEach((weight, i) => {
      if (/kernel/.test(weight.originalName)) {
        expect(zeroPositions(values(weight))).toEqual(zeros[i]);
      }
    });
    teacher.dispose();
  });

  it('leaves recurrent layers and embeddings, says so, and solves for what follows', async () => {
    const model = ofLayers(
      [6],
      layers.embedding({inputDim: 10, outputDim: 8, name: 'words'}),
      layers.lstm({units: 8, recurrentInitializer: 'glorotNormal', name: 'memory'}),
      layers.dense({units: 5, name: 'head'}),
    );
    const x = tf.randomUniform([300, 6], 0, 10, 'int32', 3);
    const wanted = predict(model, x);
    const teacher = snapshotWeights(model);
    await pruneNow(model, {sparsity: 0.3});
    const before = distance(predict(model, x), wanted);
    const {layers: all, left} = await reconstruct(model, {teacher, x});
    expect(left.map(({name}) => name)).toEqual(['words', 'memory']);
    expect(all.map(({name}) => name)).toEqual(['head']);
    expect(distance(predict(model, x), wanted)).toBeLessThan(0.9 * before);
  });

  it('mends the consumers of pruned channels, which stay pruned', async () => {
    const model = ofLayers(
      [8, 8, 2],
      layers.conv2d({filters: 8, kernelSize: 3, activation: 'relu', name: 'conv_0'}),
      layers.conv2d({filters: 3, kernelSize: 3, name: 'conv_1'}),
    );
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const x = normal([100, 8, 8, 2]);
    const wanted = predict(model, x);
    const teacher = snapshotWeights(model);
    const at = {initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 0};
    const pruner = new ChannelPruner(at);
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await pruner.onTrainEnd();
    const before = distance(predict(model, x), wanted);
    const gone = model.getLayer('conv_0').weights.map((each) => zeroPositions(values(each)));
    await reconstruct(model, {teacher, x});
    expect(distance(predict(model, x), wanted)).toBeLessThan(0.6 * before);
    stripPruning(model);
    expect(gone[1]).toHaveLength(4);
    expect(model.getLayer('conv_0').weights.map((each) => zeroPositions(values(each)))).toEqual(
      gone,
    );
  });

  it('leaves layers before the first that was pruned, and keeps masks', async () => {
    const model = mlp({units: [6, 6, 2]});
    const {x} = data();
    const teacher = snapshotWeights(model);
    await pruneNow(model, {sparsity: 0.5, layers: ['dense_1']});
    const first = kernel(model, 'dense_0');
    const {layers: all} = await reconstruct(model, {teacher, x});
    expect(all.map(({name}) => name)).toEqual(['dense_1', 'dense_2']);
    expect(kernel(model, 'dense_0')).toEqual(first);
    expect(values(getMask(model, 'dense_1')!).filter((kept) => kept === 0)).toHaveLength(18);
  });

  it('changes nothing where nothing was pruned', async () => {
    const model = mlp();
    const teacher = snapshotWeights(model);
    const before = state(model);
    const {x, y} = data();
    expect(await reconstruct(model, {teacher, x})).toEqual({layers: [], left: []});
    tf.dispose([x, y]);
    expect(state(model)).toEqual(before);
  });

  it('takes another model as the teacher, whatever its layers are called', async () => {
    const [one, two] = [mlp(), mlp()];
    const other = sequential({
      layers: [
        layers.dense({units: 6, inputShape: [4], activation: 'tanh'}),
        layers.dense({units: 2}),
      ],
    });
    other.setWeights(one.getWeights());
    const snapshot = snapshotWeights(two);
    const {x} = data();
    for (const model of [one, two]) {
      await pruneNow(model, {sparsity: 0.5});
    }
    const reports = [
      await reconstruct(one, {teacher: other, x}),
      await reconstruct(two, {teacher: snapshot, x}),
    ];
    expect(reports[0]).toEqual(reports[1]);
    expect(one.getWeights().map(values)).toEqual(two.getWeights().map(values));
  });

  it('takes a dataset, and batches of any size give about the same', async () => {
    const solved: number[][] = [];
    for (const samples of [
      {dataset: dataset()},
      {dataset: dataset()},
      {x: data().x, batchSize: 40},
      {x: data().x, batchSize: 7},
    ]) {
      const model = mlp();
      const teacher = snapshotWeights(model);
      await pruneNow(model, {sparsity: 0.5});
      await reconstruct(model, {teacher, ...samples} as never);
      solved.push([...kernel(model, 'dense_1')]);
    }
    for (const other of solved.slice(1)) {
      other.forEach((value, i) => expect(value).toBeCloseTo(solved[0][i], 3));
    }
  });

  it('solves only for the layers that are named', async () => {
    const model = mlp();
    const teacher = snapshotWeights(model);
    await pruneNow(model, {sparsity: 0.5});
    const {x} = data();
    const {layers: all} = await reconstruct(model, {teacher, x, layers: ['dense_1']});
    expect(all.map(({name}) => name)).toEqual(['dense_1']);
  });

  it('tells of its progress', async () => {
    const {model, teacher, x} = await pruned();
    const seen: Array<[string, number, number]> = [];
    await reconstruct(model, {
      teacher,
      x,
      onProgress: ({layer, done, total}) => void seen.push([layer.name, done, total]),
    });
    expect(seen).toEqual([
      ['dense_0', 1, 2],
      ['dense_1', 2, 2],
    ]);
  });

  const stops: Array<[string, () => object]> = [
    ['onProgress', () => ({onProgress: ({done}: {done: number}) => done < 1})],
    ['a signal', () => {
      const controller = new AbortController();
      return {signal: controller.signal, onProgress: () => controller.abort()};
    }],
  ]; // prettier-ignore

  it.each(stops)('is stopped by %s, and the model is what it was', async (_, stop) => {
    const {model, teacher, x} = await pruned();
    const before = state(model);
    await expect(reconstruct(model, {teacher, x, ...stop()})).rejects.toThrow(
      expect.objectContaining({name: 'AbortError'}),
    );
    expect(state(model)).toEqual(before);
  });

  it('frees what it made', async () => {
    const {model, teacher, x} = await pruned();
    const before = tf.memory().numTensors;
    await reconstruct(model, {teacher, x});
    expect(tf.memory().numTensors).toBe(before);
  });

  it('warns where much is missing', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const model = dense([0.1, 0, 0]);
    const x = normal([50, 3]);
    await reconstruct(model, {teacher: dense([0.1, 1, 1]), x});
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0][0]).toMatch(/'dense_0' \(\d+ %\)/);
    warn.mockRestore();
  });

  const bad: Array<[string, string, (x: tf.Tensor) => object]> = [
    ['x', 'neither', () => ({x: undefined})],
    ['x', 'both', () => ({dataset: dataset()})],
    ['x', 'an array', () => ({x: [[1, 2, 3, 4]]})],
    ['x', 'of another shape', () => ({x: tf.zeros([8, 5])})],
    ['x', 'without samples', () => ({x: tf.zeros([0, 4])})],
    ['x', 'with NaN', (x) => ({x: tf.mul(x, NaN)})],
    ['x', 'with infinity', (x) => ({x: tf.div(x, 0)})],
    ['batchSize', 'none', () => ({batchSize: 0})],
    ['dataset', 'no dataset', () => ({x: undefined, dataset: 5})],
    ['teacher', 'missing', () => ({teacher: undefined})],
    ['teacher', 'null', () => ({teacher: null})],
    ['teacher', 'of other sizes', () => ({teacher: mlp({units: [7, 2]})})],
    ['teacher', 'of more layers', () => ({teacher: mlp({units: [6, 2, 2]})})],
    ['teacher', 'of another activation', () => ({
      teacher: sequential({layers: [
        layers.dense({units: 6, inputShape: [4], activation: 'relu'}),
        layers.dense({units: 2}),
      ]}),
    })],
    ['teacher', 'a snapshot of another model', () => ({teacher: snapshotWeights(mlp())})],
    ['layers', 'unknown', () => ({layers: ['dense_9']})],
    ['layers', 'no list', () => ({layers: 5})],
    ['onProgress', 'no function', () => ({onProgress: 5})],
    ['signal', 'no signal', () => ({signal: 5})],
    ['reconstruct', 'an unknown option', () => ({labels: 5})],
  ]; // prettier-ignore

  it.each(bad)('refuses %s: %s', async (argument, _, change) => {
    const {model, teacher, x} = await pruned();
    const args = {teacher, x, ...change(x)};
    const before = state(model);
    const failure = reconstruct(model, args as never);
    await expect(failure).rejects.toThrow(PruningError);
    await expect(failure).rejects.toMatchObject({argument});
    expect(state(model)).toEqual(before);
  });

  it('refuses the model as its own teacher, and what is no model', async () => {
    const {model, x} = await pruned();
    await expect(reconstruct(model, {teacher: model, x})).rejects.toMatchObject({
      argument: 'teacher',
    });
    await expect(reconstruct({} as never, {teacher: model, x})).rejects.toMatchObject({
      argument: 'model',
    });
  });

  it('refuses a model with state between batches', async () => {
    const make = () =>
      sequential({
        layers: [
          layers.simpleRNN({
            units: 3,
            stateful: true,
            batchInputShape: [4, 2, 2],
            recurrentInitializer: 'glorotNormal',
          }),
        ],
      });
    const x = normal([4, 2, 2]);
    await expect(reconstruct(make(), {teacher: make(), x})).rejects.toMatchObject({
      argument: 'model',
    });
  });
});

async function pruned() {
  const model = mlp();
  const teacher = snapshotWeights(model);
  await pruneNow(model, {sparsity: 0.5});
  return {model, teacher, ...data()};
}

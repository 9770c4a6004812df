import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ChannelPruner,
  ClusterWeights,
  LayerPruner,
  NeuronPruner,
  PolynomialDecay,
  pruneChannelsNow,
  pruneNow,
  QuantizeAware,
  sparsityReport,
  stripPruning,
  type PolynomialDecayArgs,
} from '../../lib/index';
import {data, fillKernels, mlp, values} from '../setup/models';

const DECAY = {initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 1};

/** A head on a base, whose first layer is frozen. */
function transfer() {
  const model = mlp({units: [6, 6, 2]});
  model.layers[0].trainable = false;
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  return model;
}

async function fit(model: tfl.LayersModel, callback: tfl.Callback, epochs = 1) {
  const {x, y} = data();
  await model.fit(x, y, {batchSize: 10, epochs, verbose: 0, callbacks: [callback]});
  tf.dispose([x, y]);
}

async function zeros(model: tfl.LayersModel) {
  const {weights} = await sparsityReport(model);
  return weights.map((weight) => weight.zeros);
}

describe('frozen layers', () => {
  it.each<[string, Partial<PolynomialDecayArgs>]>([
    ['magnitude', {}],
    ['taylor, all together', {criterion: 'taylor', scope: 'global'}],
    ['movement', {criterion: 'movement'}],
  ])('are left alone: %s', async (_, args) => {
    const model = transfer();
    const before = values(model.layers[0].weights[0]);
    await fit(model, new PolynomialDecay({...DECAY, ...args}));
    expect(values(model.layers[0].weights[0])).toEqual(before);
    const [frozen, ...others] = await zeros(model);
    expect(frozen).toBe(0);
    expect(others.reduce((sum, each) => sum + each)).toBe((36 + 12) / 2);
    expect((await sparsityReport(model)).weights.map((weight) => weight.frozen)).toEqual([
      true,
      false,
      false,
    ]);
    stripPruning(model);
  });

  it('are found where fit begins, not where the callback is made', async () => {
    const model = mlp({units: [6, 2]});
    const pruner = new PolynomialDecay(DECAY);
    model.layers[0].trainable = false;
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    await fit(model, pruner);
    expect(await zeros(model)).toEqual([0, 6]);
    stripPruning(model);
  });

  it('are pruned where they are asked for, but not by gradients', async () => {
    const model = transfer();
    await fit(model, new PolynomialDecay({...DECAY, layers: ['dense_0']}));
    expect(await zeros(model)).toEqual([12, 0, 0]);
    const byGradients = new PolynomialDecay({
      ...DECAY,
      layers: ['dense_0', 'dense_1'],
      criterion: 'taylor',
    });
    await expect(fit(model, byGradients)).rejects.toThrow(
      "criterion: expected one that needs no gradients for 'dense_0/kernel', which has none",
    );
    stripPruning(model);
  });

  it('are left alone by rounding', async () => {
    const model = transfer();
    const before = values(model.layers[0].weights[0]);
    await fit(model, new QuantizeAware({beginStep: 0}));
    stripPruning(model);
    await fit(model, new ClusterWeights({clusters: 2}));
    stripPruning(model);
    expect(values(model.layers[0].weights[0])).toEqual(before);
    expect(new Set(values(model.layers[1].weights[0])).size).toBe(2);
  });

  it('are left alone by pruneNow, and pruned by it where they are named', async () => {
    const model = transfer();
    await pruneNow(model, {sparsity: 0.5});
    expect(await zeros(model)).toEqual([0, 18, 6]);
    await pruneNow(model, {sparsity: 0.5, layers: ['dense_0/kernel']});
    expect(await zeros(model)).toEqual([12, 18, 6]);
    stripPruning(model);
  });

  it('keep their units and filters', async () => {
    const model = transfer();
    await fit(model, new NeuronPruner(DECAY));
    expect((await zeros(model)).slice(0, 3)).toEqual([0, 18, 0]);
    await pruneChannelsNow(model, {neurons: 0.5, layers: [model.layers[0]]});
    expect((await zeros(model))[0]).toBe(12);
    stripPruning(model);
    const convolutions = fillKernels(
      tfl.sequential({
        layers: [
          tfl.layers.conv2d({filters: 4, kernelSize: 3, inputShape: [6, 6, 1], name: 'a'}),
          tfl.layers.conv2d({filters: 4, kernelSize: 3, name: 'b'}),
          tfl.layers.conv2d({filters: 1, kernelSize: 2, name: 'c'}),
        ],
      }),
    );
    convolutions.layers[0].trainable = false;
    await pruneChannelsNow(convolutions, {channels: 0.5});
    expect((await zeros(convolutions)).slice(0, 3)).toEqual([0, 72, 0]);
    stripPruning(convolutions);
    await expect(pruneChannelsNow(convolutions, {channels: 0.5, layers: ['d']})).rejects.toThrow(
      'layers: expected names of layers among a (frozen), b, c (an output of the model)',
    );
  });

  it('are not removed as a whole', async () => {
    const model = mlp({units: [4, 4, 4, 2]});
    model.layers[1].trainable = false;
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const pruner = new LayerPruner({count: 3, frequency: 1});
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    await fit(model, pruner);
    expect(pruner.removed).toEqual(expect.arrayContaining(['dense_0', 'dense_2']));
    expect(pruner.removed).toHaveLength(2);
    warn.mockRestore();
    stripPruning(model);
  });
});

describe('a model that begins a Sequential', () => {
  it('is pruned by the names that the report prints, and left alone where it is frozen', async () => {
    const base = mlp({units: [6, 6]});
    base.layers.forEach((layer) => (layer.trainable = false));
    const head = tfl.layers.dense({units: 2, name: 'head'});
    const model = tfl.sequential({layers: [base, head]});
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    await fit(model, new PolynomialDecay(DECAY));
    expect(await zeros(model)).toEqual([0, 0, 6]);
    const {weights} = await sparsityReport(model);
    for (const {name, size} of weights.slice(0, 2)) {
      const layer = name.slice(0, name.lastIndexOf('/'));
      await fit(model, new PolynomialDecay({...DECAY, layers: [name]}));
      await pruneNow(model, {sparsity: 0.75, layers: {[layer]: 0.75, head: false}});
      await fit(
        model,
        new NeuronPruner({...DECAY, ignore: [layer], layers: ['dense_0', 'dense_1']}),
      );
      const {weights: after} = await sparsityReport(model);
      expect(after.find((each) => each.name === name)!.zeros).toBeGreaterThanOrEqual(0.75 * size);
    }
    stripPruning(model);
  });
});

it('biases are pruned on request', async () => {
  const model = mlp({units: [4, 2], dense: {biasInitializer: 'ones'}});
  await fit(model, new PolynomialDecay({...DECAY, layers: ['dense_0/bias', /1.bias$/]}));
  const {weights} = await sparsityReport(model);
  const found = weights.map((weight) => [weight.name, weight.zeros, weight.masked]);
  expect(found).toEqual([
    ['dense_0/kernel', 0, false],
    ['dense_1/kernel', 0, false],
    ['dense_0/bias', 2, true],
    ['dense_1/bias', 1, true],
  ]);
  stripPruning(model);
  const blocks = {...DECAY, layers: ['dense_0/bias'], structure: {n: 2, m: 4}} as const;
  await expect(fit(model, new PolynomialDecay(blocks))).rejects.toThrow(
    "structure: expected none for 'dense_0/bias', which is no matrix",
  );
  expect(new ChannelPruner(DECAY).sparsity).toBe(0);
});

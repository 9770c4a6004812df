import {
  dispose,
  io,
  memory,
  ones,
  profile,
  scalar,
  serialization,
  type Tensor,
  tensor1d,
  tensor2d,
  train,
  zeros,
} from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  loadLayersModel,
  model as makeModel,
  regularizers,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {channelGroups} from '../../lib/channels/groups/channel_groups';
import {maskChannels} from '../../lib/channels/mask_channels';
import {PruningError, shrink, stripPruning} from '../../lib/index';
import {weightsOf} from '../../lib/model/layer_tree';
import {maskOf} from '../../lib/projection/mask';
import {predict} from './fuzz_once';
import {randomInputs, randomizeWeights} from './random_model';
import {around, groupOf, setWeights, shrunk, shrunkAsIs} from './shrunk';

type T = SymbolicTensor;

const dense = (units: number, name: string, activation: 'relu' | 'sigmoid' | 'linear' = 'relu') =>
  layers.dense({units, name, activation});

function mlp(): LayersModel {
  return around([3], (x) => dense(5, 'q').apply(dense(4, 'p').apply(x)));
}

describe('what a removed channel still adds', () => {
  it.each(['sigmoid', 'hardSigmoid', 'softplus'] as const)(
    'is folded into the next bias: %s of zero',
    async (activation) => {
      const model = around([3], (x) =>
        dense(5, 'q').apply(layers.dense({units: 4, activation, name: 'p'}).apply(x)),
      );
      const {shapes} = await shrunk(model, {p: [0, 1]});
      expect(shapes).toMatchObject({'p/kernel': [3, 2], 'q/kernel': [2, 5]});
    },
  );

  it('is folded by hand: bias 0.5 times kernel 2 is added to bias 1', async () => {
    const model = around([1], (x) => dense(2, 'q', 'linear').apply(dense(2, 'p').apply(x)));
    model.getLayer('p').setWeights([tensor2d([[0, 1]]), tensor1d([0.5, 0])]);
    model.getLayer('q').setWeights([
      tensor2d([
        [2, -2],
        [1, 1],
      ]),
      tensor1d([1, 1]),
    ]);
    const {smaller} = await shrunkAsIs(model);
    expect(
      smaller
        .getLayer('q')
        .getWeights()
        .map((each) => each.arraySync()),
    ).toEqual([[[1, 1]], [2, 0]]);
  });

  it('is folded through the shift of a normalization, a convolution and pooling', async () => {
    const model = around([6, 6, 2], (x) => {
      let y = layers.conv2d({filters: 4, kernelSize: 3, name: 'p'}).apply(x);
      y = layers.batchNormalization().apply(y);
      y = layers.depthwiseConv2d({kernelSize: 2, name: 'd'}).apply(y);
      y = layers.averagePooling2d({poolSize: 2, strides: 1, padding: 'same'}).apply(y);
      return layers.conv2d({filters: 2, kernelSize: 2, name: 'q'}).apply(y);
    });
    const group = groupOf(model, 'p');
    const kernels = group.members.filter(({role}) => role === 'producer');
    maskChannels({...group, members: kernels}, [0, 3]);
    const {smaller, report} = await shrunkAsIs(model);
    expect(smaller.getLayer('q').weights[0].shape).toEqual([2, 2, 2, 2]);
    expect(report.groups[0].removed).toEqual([0, 3]);
  });

  it('keeps the channel where padding makes it vary', async () => {
    const model = around([4, 4, 1], (x) => {
      const y = layers
        .conv2d({filters: 3, kernelSize: 1, activation: 'sigmoid', name: 'p'})
        .apply(x);
      return layers.conv2d({filters: 2, kernelSize: 3, padding: 'same', name: 'q'}).apply(y);
    });
    const {report, shapes} = await shrunk(model, {p: [1]});
    expect(shapes['p/kernel']).toEqual([1, 1, 1, 3]);
    expect(report.groups[0]).toMatchObject({
      removed: [],
      kept: [{channel: 1, reason: "layer 'q' sees it at 0.5, which no bias can stand for exactly"}],
    });
  });

  it('keeps the channel where zeros are put around it', async () => {
    const model = around([4, 4, 1], (x) => {
      const y = layers
        .conv2d({filters: 3, kernelSize: 1, activation: 'sigmoid', name: 'p'})
        .apply(x);
      return layers
        .conv2d({filters: 2, kernelSize: 2, name: 'q'})
        .apply(layers.zeroPadding2d({}).apply(y));
    });
    const {report} = await shrunk(model, {p: [1]});
    expect(report.groups[0].kept).toEqual([{channel: 1, reason: "layer 'q' sees it change"}]);
  });

  it('keeps the channel where there is no bias', async () => {
    const model = around([3], (x) =>
      layers.dense({units: 2, useBias: false, name: 'q'}).apply(dense(3, 'p', 'sigmoid').apply(x)),
    );
    const {report} = await shrunk(model, {p: [1]});
    expect(report.groups[0].kept).toHaveLength(1);
  });
});

describe('channels that stay', () => {
  it('at least one of each layer', async () => {
    const {report, shapes} = await shrunk(mlp(), {p: [0, 1, 2, 3]});
    expect(shapes['p/kernel']).toEqual([3, 1]);
    expect(report.groups[0]).toMatchObject({
      size: 4,
      removed: [1, 2, 3],
      kept: [{channel: 0, reason: "'p/kernel' needs at least one channel"}],
    });
  });

  it('at least one of each layer that shares a group', async () => {
    const model = around([3], (x) => {
      const joined = layers
        .concatenate()
        .apply([dense(2, 'a').apply(x) as T, dense(3, 'b').apply(x) as T]);
      return layers.add().apply([joined as T, dense(5, 'c').apply(x) as T]);
    });
    const group = groupOf(model, 'c');
    expect([group.layers, group.size]).toEqual([['a', 'b', 'c'], 5]);
    const {shapes} = await shrunk(model, {c: [0, 1, 3]});
    expect(shapes).toMatchObject({'a/kernel': [3, 1], 'b/kernel': [3, 2], 'c/kernel': [3, 3]});
  });

  it('of an output, without its being named', () => {
    const group = groupOf(mlp(), 'out');
    expect(group.frozen).toBe('an output of the model');
    expect(() => maskChannels(group, [0])).toThrow(
      "channels: expected channels of group 'out' that can be pruned, but got '0: an output of the model'.",
    );
  });

  it('where a shared layer sees different constants', async () => {
    const model = around([3], (x) => {
      const shared = dense(2, 's');
      const p = dense(3, 'p', 'sigmoid').apply(x) as T;
      return layers.add().apply([shared.apply(p) as T, shared.apply(dense(3, 'q').apply(x)) as T]);
    });
    const {report} = await shrunk(model, {p: [1]});
    expect(report.groups[0].kept).toEqual([
      {channel: 1, reason: "layer 's' is shared and sees it at 0.5 and at 0"},
    ]);
  });

  it('that a layer without a rule touches', async () => {
    class Unknown extends layers.Layer {
      static readonly className = 'Unknown';
      override computeOutputShape(shape: number[]): number[] {
        return shape;
      }
    }
    serialization.registerClass(Unknown);
    const model = around([3], (x) => new Unknown({name: 'u'}).apply(dense(4, 'p').apply(x)));
    const reason =
      "layer 'u' is of class Unknown, which has no channel rule; registerChannelRule('Unknown', rule) adds one";
    expect(groupOf(model, 'p').frozen).toBe(reason);
    setWeights(model, 'p/kernel', 0);
    const {report} = await shrunkAsIs(model);
    expect(report.groups[0]).toMatchObject({removed: [], frozen: reason});
    expect(report.groups[0].kept).toHaveLength(4);
  });
});

describe('shrink', () => {
  it('leaves the model and its masks as they are, and no tensor behind', async () => {
    const model = mlp();
    maskChannels(groupOf(model, 'p'), [1]);
    const [kernel] = model.getLayer('p').weights;
    const [mask, value, count] = [maskOf(kernel), kernel.read().dataId, memory().numTensors];
    const smaller = await shrink(model);
    expect(memory().numTensors).toBe(count + weightsOf(smaller).length);
    expect([maskOf(kernel), kernel.read().dataId]).toEqual([mask, value]);
    expect(model.getLayer('p').weights[0].shape).toEqual([3, 4]);
    smaller.dispose();
    expect(memory().numTensors).toBe(count);
  });

  it('finds the zeros that stripPruning leaves', async () => {
    const model = mlp();
    maskChannels(groupOf(model, 'p'), [1, 3]);
    const {smaller} = await shrunkAsIs(stripPruning(model));
    expect(smaller.countParams()).toBe(3 * 2 + 2 + 2 * 5 + 5 + 5 * 2 + 2);
  });

  it('sees through weights that were changed under their mask', async () => {
    const model = mlp();
    maskChannels(groupOf(model, 'p'), [1]);
    const changed = ones([4]);
    model.getLayer('p').weights[1].write(changed);
    changed.dispose();
    const smaller = await shrink(model);
    expect(smaller.getLayer('p').weights[0].shape).toEqual([3, 3]);
  });

  it('copies a model of which nothing can go', async () => {
    const {smaller, report} = await shrunk(mlp(), {});
    expect([report.before, report.after]).toEqual([smaller.countParams(), smaller.countParams()]);
  });

  it('treats frozen layers as others, and keeps them frozen', async () => {
    const model = around([3], (x) => {
      const inner = sequential({
        name: 'm',
        layers: [layers.dense({units: 4, inputShape: [3], name: 'p'})],
      });
      inner.trainable = false;
      return layers.dense({units: 3, name: 'q', trainable: false}).apply(inner.apply(x) as T);
    });
    const {smaller} = await shrunk(model, {'m/p': [0], q: [1]});
    expect(smaller.trainableWeights.map(({originalName}) => originalName)).toEqual([
      'out/kernel',
      'out/bias',
    ]);
    expect(smaller.getLayer('q').weights[0].shape).toEqual([3, 2]);
  });

  it('keeps names, initializers, regularizers and metadata', async () => {
    const model = around([3], (x) =>
      layers
        .dense({
          units: 4,
          name: 'p',
          kernelInitializer: 'heNormal',
          kernelRegularizer: regularizers.l2(),
        })
        .apply(x),
    );
    model.setUserDefinedMetadata({made: 'here'});
    const {smaller} = await shrunk(model, {p: [0]});
    expect(smaller.name).toBe(model.name);
    expect(smaller.layers.map(({name}) => name)).toEqual(model.layers.map(({name}) => name));
    expect(smaller.getLayer('p').getConfig()).toEqual({
      ...model.getLayer('p').getConfig(),
      units: 3,
    });
    expect(smaller.getUserDefinedMetadata()).toEqual({made: 'here'});
  });

  it('does not let constraints change the weights', async () => {
    const model = around([3], (x) =>
      layers
        .dense({units: 4, name: 'p', kernelConstraint: 'unitNorm', biasConstraint: 'nonNeg'})
        .apply(x),
    );
    await shrunk(model, {p: [0]});
  });

  it('compiles with the same loss and metrics and a fresh optimizer, that trains', async () => {
    const model = mlp();
    const optimizer = train.adam(0.02, 0.8);
    model.compile({optimizer, loss: 'meanSquaredError', metrics: ['mae']});
    const [x] = randomInputs(model, 1);
    const y = zeros([2, 2]);
    await model.fit(x, y, {epochs: 2, verbose: 0});
    const {smaller} = await shrunk(model, {p: [0]});
    expect(smaller.optimizer.getConfig()).toEqual(optimizer.getConfig());
    expect([smaller.optimizer === optimizer, smaller.optimizer.iterations]).toEqual([false, 0]);
    expect([smaller.loss, smaller.metrics]).toEqual([model.loss, model.metrics]);
    const {history} = await smaller.fit(x, y, {epochs: 3, verbose: 0});
    expect(history.loss[2]).toBeLessThan(history.loss[0] as number);
    expect(history.mae).toHaveLength(3);
  });

  it('makes a model that stock tfjs saves and loads', async () => {
    const inner = sequential({
      name: 'm',
      layers: [
        layers.dense({units: 4, inputShape: [5], name: 'p'}),
        layers.dense({units: 5, name: 'q'}),
      ],
    });
    const model = around([5], (x) => inner.apply(inner.apply(x) as T));
    const {smaller} = await shrunk(model, {'m/p': [0, 1]});
    let saved: io.ModelArtifacts = {};
    await smaller.save(
      io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}};
      }),
    );
    const loaded = await loadLayersModel(io.fromMemory(saved));
    const inputs = randomInputs(model, 1);
    const [one, other] = [predict(smaller, inputs), predict(loaded, inputs)];
    expect(await other[0].data()).toEqual(await one[0].data());
    dispose([inputs, one, other]);
  });

  it('reaches a nested model whose inputs are pruned, used twice', async () => {
    const a = input({shape: [4], name: 'a'});
    const b = input({shape: [4], name: 'b'});
    const sum = layers.add().apply([a, b]) as T;
    const inner = makeModel({
      inputs: [a, b],
      outputs: [sum, layers.reLU({}).apply(sum) as T],
      name: 'm',
    });
    const model = around([3], (x) => {
      const pair = inner.apply([dense(4, 'p').apply(x) as T, dense(4, 'q').apply(x) as T]) as T[];
      return (inner.apply(pair) as T[])[1];
    });
    expect(groupOf(model, 'p').layers).toEqual(['p', 'q']);
    const {shapes} = await shrunk(model, {p: [2]});
    expect(shapes).toMatchObject({'p/kernel': [3, 3], 'q/kernel': [3, 3], 'out/kernel': [3, 2]});
  });

  it('takes models of several inputs and outputs', async () => {
    const [a, b] = [input({shape: [3]}), input({shape: [2]})];
    const joined = layers
      .concatenate()
      .apply([dense(3, 'p').apply(a) as T, dense(2, 'q').apply(b) as T]);
    const hidden = dense(4, 'h').apply(joined) as T;
    const model = makeModel({
      inputs: [a, b],
      outputs: [dense(1, 'o').apply(hidden) as T, joined as T],
    });
    expect(channelGroups(model).map(({name, frozen}) => [name, frozen])).toEqual([
      ['p', 'an output of the model'],
      ['q', 'an output of the model'],
      ['h', undefined],
      ['o', 'an output of the model'],
    ]);
    randomizeWeights(model, 1);
    await shrunk(model, {h: [0, 3]});
  });

  it('keeps the copies that getConfig of tfjs-layers gets wrong', async () => {
    const model = around([6, 6, 2], (x) => {
      const y = layers
        .depthwiseConv2d({
          kernelSize: 2,
          depthwiseRegularizer: regularizers.l2(),
          depthwiseConstraint: 'maxNorm',
        } as never)
        .apply(layers.conv2d({filters: 3, kernelSize: 2, name: 'p'}).apply(x));
      return layers.separableConv2d({filters: 3, kernelSize: 2, depthMultiplier: 3}).apply(y);
    });
    await shrunk(model, {p: [0]});
  });

  it('holds no more than twice the weights', async () => {
    const model = sequential();
    for (let i = 0; i < 6; i++) {
      model.add(
        layers.dense({
          units: 256,
          inputShape: [256],
          kernelInitializer: 'ones',
          activation: 'relu',
        }),
      );
    }
    for (const group of channelGroups(model).filter(({frozen}) => !frozen)) {
      maskChannels(
        group,
        Array.from({length: 128}, (_, i) => 2 * i),
      );
    }
    stripPruning(model);
    const weights = model.countParams() * 4;
    const others = memory().numBytes - weights;
    const {peakBytes} = await profile(async (): Promise<Tensor> => {
      (await shrink(model)).dispose();
      return scalar(0);
    });
    expect(peakBytes - others).toBeLessThan(2 * weights);
  });

  it('refuses what is not a LayersModel, is empty, or has options that are unknown', async () => {
    await expect(shrink({} as LayersModel)).rejects.toThrow(
      'model: expected a tf.LayersModel or tf.Sequential, but got {}.',
    );
    await expect(shrink(sequential())).rejects.toThrow(PruningError);
    await expect(shrink(mlp(), {report: true} as never)).rejects.toThrow("but got 'report'.");
  });
});

import * as tf from '@tensorflow/tfjs-core';
import {
  type Callback,
  layers,
  type LayersModel,
  model as makeModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {ChannelPruner, type ChannelPrunerArgs, shrink, stripPruning} from '../../lib';
import {channelGroups} from '../../lib/channels/groups/channel_groups';
import {registerTrainingKernels} from '../../lib/wasm';
import {backendName} from '../setup/backend';
import {QUIET, probe, values, zeroPositions} from '../setup/models';
import {largestError, predict} from '../shrink/fuzz_once';
import {randomInputs} from '../shrink/random_model';
import {around} from '../shrink/shrunk';

type T = SymbolicTensor;

beforeAll(() => {
  if (backendName === 'wasm') {
    registerTrainingKernels();
  }
});

const ARGS: ChannelPrunerArgs = {
  initialSparsity: 0.25,
  finalSparsity: 0.5,
  beginStep: 0,
  endStep: 4,
  frequency: 2,
};

const conv = (filters: number, name: string, more = {}) =>
  layers.conv2d({filters, kernelSize: 3, padding: 'same', name, activation: 'relu', ...more});

/** Convolutions of 8 and 12 filters, the first with a normalization and a depthwise one. */
function chain(): LayersModel {
  return compiled(
    around([4, 4, 2], (x) => {
      let y = layers.batchNormalization({name: 'n'}).apply(conv(8, 'p').apply(x));
      y = layers.depthwiseConv2d({kernelSize: 2, depthMultiplier: 2, name: 'd'}).apply(y);
      return conv(12, 'q', {padding: 'valid'}).apply(y);
    }),
  );
}

/** A residual block of 8 channels, made by 'p' and 'r'. */
function residual(): LayersModel {
  return compiled(
    around([4, 4, 2], (x) => {
      const y = conv(8, 'p').apply(x) as T;
      const z = conv(8, 'r').apply(conv(4, 'q').apply(y)) as T;
      return layers.add().apply([y, z]);
    }),
  );
}

function compiled(model: LayersModel): LayersModel {
  model.compile({optimizer: tf.train.adam(0.01), loss: 'meanSquaredError'});
  return model;
}

async function fit(model: LayersModel, callbacks: Callback[], epochs = 2) {
  const x = tf.randomNormal(
    [40, ...(model.inputs[0].shape.slice(1) as number[])],
    0,
    1,
    'float32',
    5,
  );
  const y = tf.randomNormal([40, 2], 0, 1, 'float32', 6);
  const history = await model.fit(x, y, {...QUIET, epochs, callbacks});
  tf.dispose([x, y]);
  return history;
}

/** For each group, by name, the channels whose slices of each weight that is to be zero are zero. */
function dead(model: LayersModel): Record<string, number[]> {
  const groups = channelGroups(model).filter(({frozen}) => frozen === undefined);
  return Object.fromEntries(
    groups.map((group) => {
      const alive = new Set<number>();
      for (const {variable, axis, role, channels} of group.members) {
        if (role !== 'consumer' && role !== 'follower') {
          const others = variable.shape.map((_, i) => i).filter((i) => i !== axis);
          const size = tf.tidy(() => values(tf.max(tf.abs(variable.read()), others)));
          size.forEach((each, i) => each !== 0 && alive.add(channels[i]));
        }
      }
      return [group.name, [...Array(group.size).keys()].filter((i) => !alive.has(i))];
    }),
  );
}

const counts = (model: LayersModel) =>
  Object.fromEntries(Object.entries(dead(model)).map(([name, {length}]) => [name, length]));

async function pruned(model: LayersModel, args: Partial<ChannelPrunerArgs> = {}) {
  const pruner = new ChannelPruner({...ARGS, ...args});
  await fit(model, [pruner]);
  return pruner;
}

const SHOT = {initialSparsity: 0.5, endStep: 0};

describe('ChannelPruner', () => {
  it('zeroes the exact number of filters, with all that goes with them, after each step', async () => {
    const model = chain();
    const seen: object[] = [];
    const shares: unknown[] = [];
    const watch = probe({
      onBatchEnd: async (_, logs) => {
        seen.push(counts(model));
        shares.push(logs?.channelSparsity);
      },
    });
    const pruner = new ChannelPruner({...ARGS, power: 1});
    await fit(model, [pruner, watch]);
    const [a, b, c] = [
      {p: 2, q: 3},
      {p: 3, q: 5},
      {p: 4, q: 6},
    ];
    expect(seen).toEqual([a, b, b, c, c, c, c, c]);
    expect(shares.slice(0, 4)).toEqual([5 / 20, 8 / 20, 8 / 20, 10 / 20]);
    expect(pruner.sparsity).toBe(0.5);
    expect([0, 2, 4].map((step) => pruner.sparsityAt(step))).toEqual([0.25, 0.375, 0.5]);
    expect([0, 1, 2, 3, 4].filter((step) => pruner.isUpdateStep(step))).toEqual([0, 2, 4]);
    stripPruning(model);
    // Bias of the depthwise convolution, two channels for each; gamma, beta, moving mean.
    const gone = dead(model).p;
    const twice = gone.flatMap((i) => [2 * i, 2 * i + 1]);
    expect(zeroPositions(values(model.getLayer('d').weights[1]))).toEqual(twice);
    const norm = Object.fromEntries(
      model.getLayer('n').weights.map((each) => [each.originalName.split('/').pop(), each]),
    );
    for (const name of ['gamma', 'beta', 'moving_mean']) {
      expect(zeroPositions(values(norm[name]))).toEqual(gone);
    }
  });

  it('prunes the same channels of layers that are added', async () => {
    const model = residual();
    await pruned(model, SHOT);
    expect(counts(model)).toEqual({p: 4, q: 2});
    stripPruning(model);
  });

  it('is the smallest that go, and they stay so over several fits', async () => {
    const model = chain();
    const kernel = tf.tidy(() =>
      values(tf.sum(tf.square(model.getLayer('p').weights[0].read()), [0, 1, 2])),
    );
    const order = [...kernel.keys()].sort((i, j) => kernel[i] - kernel[j]);
    await pruned(model, SHOT);
    const first = dead(model);
    expect(first.p).toEqual(order.slice(0, 4).sort());
    await pruned(compiled(model), {...SHOT, importance: 'random', seed: 3});
    expect(dead(model)).toEqual(first);
    await pruned(compiled(model), {...SHOT, finalSparsity: 0.75});
    expect(counts(model)).toEqual({p: 6, q: 9});
    expect(dead(model).q).toEqual(expect.arrayContaining(first.q));
    stripPruning(model);
  });

  it.each<[Partial<ChannelPrunerArgs>, object, string]>([
    [{layers: ['q']}, {p: 0, q: 6}, ''],
    [{layers: {p: 0.75, q: false}}, {p: 6, q: 0}, ''],
    [{layers: ({name}) => name === 'p'}, {p: 4, q: 0}, ''],
    [{ignore: ['p']}, {p: 0, q: 6}, ''],
    [{roundTo: 4}, {p: 4, q: 4}, "4 of 12 channels of 'q', not 6 (roundTo)"],
    [
      {minChannels: 7},
      {p: 1, q: 5},
      "1 of 8 channels of 'p', not 4 (minChannels); 5 of 12 channels of 'q', not 6 (minChannels)",
    ],
    [{finalSparsity: 0.99}, {p: 7, q: 11}, ''],
    [
      {finalSparsity: 0.9, maxSparsity: 0.25},
      {p: 2, q: 3},
      "2 of 8 channels of 'p', not 7 (maxSparsity); 3 of 12 channels of 'q', not 11 (maxSparsity)",
    ],
    [
      {minChannels: 7, scope: 'global', ignore: ['q']},
      {p: 1, q: 0},
      "1 of 8 channels of 'p', not 4 (minChannels)",
    ],
    [{importance: 'gamma', layers: ['p']}, {p: 4, q: 0}, ''],
  ])('heeds %j', async (args, expected, shortfall) => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const model = chain();
    await pruned(model, {...SHOT, ...args});
    stripPruning(model);
    expect(counts(model)).toEqual(expected);
    const met = 'limits prevent the full sparsity. Pruned are';
    expect(warn.mock.calls).toEqual(shortfall ? [[`ChannelPruner: ${met} ${shortfall}.`]] : []);
    warn.mockRestore();
  });

  it('ranks all channels together with scope global', async () => {
    const model = chain();
    // Weights that do not compare: only relative to their own layer's are some small.
    const kernel = (name: string, filters: number, scale: number) => {
      const variable = model.getLayer(name).weights[0];
      const column = Float32Array.from({length: filters}, (_, i) => (i < 2 ? 0.01 : 1) * scale);
      tf.tidy(
        () => void variable.write(tf.mul(tf.ones(variable.shape as number[]), tf.tensor1d(column))),
      );
    };
    kernel('p', 8, 1);
    kernel('q', 12, 100);
    const pruner = new ChannelPruner({
      ...ARGS,
      initialSparsity: 0.2,
      finalSparsity: 0.2,
      endStep: 0,
      scope: 'global',
    });
    await fit(model, [pruner]);
    expect(pruner.sparsity).toBe(0.2);
    expect(dead(model)).toEqual({p: [0, 1], q: [0, 1]});
    stripPruning(model);
  });

  it('shrinks to a model that predicts the same, and leaves no tensors', async () => {
    const model = chain();
    await fit(model, []);
    const tensors = tf.memory().numTensors;
    await pruned(model, {beginStep: 8, endStep: 12});
    stripPruning(model);
    expect(tf.memory().numTensors).toBe(tensors);
    const smaller = await shrink(model);
    expect(smaller.getLayer('p').weights[0].shape).toEqual([3, 3, 2, 4]);
    expect(smaller.getLayer('q').weights[0].shape).toEqual([3, 3, 8, 6]);
    const inputs = randomInputs(model, 7);
    const both = [predict(model, inputs), predict(smaller, inputs)] as const;
    expect(await largestError(...both)).toBeLessThan(1e-5);
    smaller.dispose();
  });

  it.each<[Partial<ChannelPrunerArgs> & Record<string, unknown>, string]>([
    [{finalSparsity: 1}, 'finalSparsity: expected a number in [0, 1), but got 1.'],
    [{endStep: -1}, 'endStep: expected an integer of at least 0, but got -1.'],
    [{minChannels: 0}, 'minChannels: expected an integer of at least 1, but got 0.'],
    [{roundTo: 0.5}, 'roundTo: expected an integer of at least 1, but got 0.5.'],
    [{maxSparsity: 0}, 'maxSparsity: expected a number in (0, 1], but got 0.'],
    [{importance: 'l3' as never}, "importance: expected 'l2' or 'l1' or 'groupL2' or"],
    [{ignore: 'p' as never}, "a list of names, regular expressions or layers, but got 'p'."],
    [{layers: {p: 2}}, "layers['p']: expected a number in [0, 1), but got 2."],
    [{groups: 2}, 'ChannelPruner: expected options among'],
  ])('refuses %j', (args, message) => {
    expect(() => new ChannelPruner({...ARGS, ...args})).toThrow(message);
  });

  it.each<[Partial<ChannelPrunerArgs>, string]>([
    [{layers: ['nope']}, 'layers: expected names of layers among p, q'],
    [{ignore: ['nope']}, 'ignore: expected names of layers among p, q, out'],
    [{ignore: ['p', 'q']}, 'layers: expected at least one layer whose channels can be pruned'],
    [{importance: 'gamma'}, "another one for 'q', whose channels have no gamma, but got 'gamma'."],
  ])('refuses %j with the model', async (args, message) => {
    const model = chain();
    const before = tf.memory().numTensors;
    await expect(new ChannelPrunerFor(model, {...ARGS, ...args}).onTrainBegin()).rejects.toThrow(
      message,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a layer named that is an output of the model', async () => {
    const model = around([4, 4, 2], (x) => conv(3, 'p').apply(x));
    const outer = compiled(tail(model));
    const pruner = new ChannelPrunerFor(outer, {...ARGS, layers: ['last']});
    await expect(pruner.onTrainBegin()).rejects.toThrow(
      /^layers: expected layers whose channels can be pruned, but got 'last: .*output/,
    );
  });
});

class ChannelPrunerFor extends ChannelPruner {
  constructor(model: LayersModel, args: ChannelPrunerArgs) {
    super(args);
    this.setModel(model);
  }
}

/** The inputs and convolution of `model`, and another convolution as its output. */
function tail(model: LayersModel): LayersModel {
  const y = conv(2, 'last').apply(model.getLayer('p').output as T) as T;
  return makeModel({inputs: model.inputs, outputs: y});
}

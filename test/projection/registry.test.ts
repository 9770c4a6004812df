import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ChannelPruner,
  ClusterWeights,
  ConstantSparsity,
  DynamicSparsity,
  L1Regularizer,
  NeuronPruner,
  PolynomialDecay,
  pruneNow,
  PruningError,
  QuantizeAware,
  setMask,
  sparsityReport,
  stripPruning,
} from '../../lib/index';
import {
  QUIET,
  data,
  distinct,
  fillKernels,
  kernel,
  mlp,
  probe,
  train,
  zeros,
} from '../setup/models';

/** A functional model of the layers of `mlp`: `compile` gives it another optimizer at once. */
function functional(inputs = 32, units = [16, 2]): tfl.LayersModel {
  const input = tfl.input({shape: [inputs]});
  const output = units.reduce<tfl.SymbolicTensor>(
    (x, size, i) =>
      tfl.layers
        .dense({units: size, name: `dense_${i}`, activation: i === 0 ? 'tanh' : 'linear'})
        .apply(x) as tfl.SymbolicTensor,
    input,
  );
  return compiled(fillKernels(tfl.model({inputs: input, outputs: output})));
}

function compiled<T extends tfl.LayersModel>(
  model: T,
  optimizer: tf.Optimizer = tf.train.sgd(0.1),
): T {
  model.compile({optimizer, loss: 'meanSquaredError'});
  return model;
}

/** Compiles `model` anew at the end of the first epoch, with an optimizer of another class. */
const compiling = (model: tfl.LayersModel) =>
  probe({
    onEpochEnd: async (epoch) => {
      if (epoch === 0) {
        compiled(model, tf.train.adam(0.01));
      }
    },
  });

const half = (args = {}) => new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, ...args});
const values = (model: tfl.LayersModel, name = 'dense_0') => new Set(kernel(model, name)).size;

describe('a compile in the middle of a fit', () => {
  const fit = async (model: tfl.LayersModel, callback: tfl.Callback) => {
    const {x, y} = data(40, 32, 2);
    const callbacks = [callback, compiling(model)];
    return model.fit(x, y, {...QUIET, epochs: 3, callbacks});
  };

  it('leaves zeros at zero, and the history true', async () => {
    const model = functional();
    const {history} = await fit(model, half());
    expect(zeros(kernel(model, 'dense_0'))).toBe(256);
    expect(history.sparsity).toEqual([0.5, 0.5, 0.5]);
    stripPruning(model);
  });

  it('lets the schedule go on where it was', async () => {
    const model = functional();
    const pruner = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.75,
      beginStep: 0,
      endStep: 8,
      power: 1,
      frequency: 1,
    });
    const counts: number[] = [];
    const onBatchEnd = async () => void counts.push(zeros(kernel(model, 'dense_0')));
    const {x, y} = data(40, 32, 2);
    const callbacks = [pruner, compiling(model), probe({onBatchEnd})];
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    const wanted = [...Array(12).keys()].map((i) => 512 * (0.25 + Math.min(i + 1, 8) / 16));
    expect(counts).toEqual(wanted);
    stripPruning(model);
  });

  it('lets surgery bring back what it would have', async () => {
    const model = functional();
    await fit(
      model,
      new DynamicSparsity({
        method: 'surgery',
        initialSparsity: 0.25,
        finalSparsity: 0.75,
        beginStep: 0,
        endStep: 8,
        frequency: 1,
      }),
    );
    expect(zeros(kernel(model, 'dense_0'))).toBe(384);
    stripPruning(model);
  });

  it('leaves filters at zero', async () => {
    const input = tfl.input({shape: [6, 6, 1]});
    const conv = tfl.layers.conv2d({filters: 8, kernelSize: 3, name: 'conv'}).apply(input);
    const flat = tfl.layers.flatten().apply(conv);
    const output = tfl.layers.dense({units: 2}).apply(flat) as tfl.SymbolicTensor;
    const model = compiled(tfl.model({inputs: input, outputs: output}));
    const pruner = new ChannelPruner({
      initialSparsity: 0.5,
      finalSparsity: 0.5,
      beginStep: 0,
      endStep: 0,
      layers: ['conv'],
    });
    const x = tf.randomNormal([8, 6, 6, 1], 0, 1, 'float32', 1);
    const y = tf.zeros([8, 2]);
    // Neither backend has all kernels of a convolution's gradient: the bias trains.
    model.getLayer('conv').trainable = false;
    compiled(model);
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [pruner, compiling(model)]});
    const filters = tf.tidy(() => [
      ...tf.max(tf.abs(model.getLayer('conv').weights[0].read()), [0, 1, 2]).dataSync(),
    ]);
    expect(filters.filter((each) => each === 0)).toHaveLength(4);
    stripPruning(model);
  });

  it('leaves rounded weights on their grid', async () => {
    const model = functional();
    await fit(model, new QuantizeAware({dtype: 4}));
    expect(values(model)).toBeLessThanOrEqual(16);
    stripPruning(model);
  });

  it('leaves clusters', async () => {
    const model = functional();
    await fit(model, new ClusterWeights({clusters: 4}));
    expect(values(model)).toBeLessThanOrEqual(4);
    stripPruning(model);
  });

  it.each<[string, () => tfl.Callback, (model: tfl.LayersModel) => number, number]>([
    ['zeros', half, (model) => zeros(kernel(model, 'dense_0')), 12],
    ['a grid', () => new QuantizeAware({dtype: 3}), (model) => Number(values(model) <= 8), 1],
    ['clusters', () => new ClusterWeights({clusters: 4}), (model) => Number(values(model) <= 4), 1],
  ])('leaves %s in a loop of trainOnBatch too', async (_what, make, count, wanted) => {
    const model = functional(4, [6, 2]);
    const callback = make();
    callback.setModel(model);
    await callback.onTrainBegin();
    await train(model, 2);
    compiled(model, tf.train.adam(0.01));
    await train(model, 3);
    await callback.onTrainEnd();
    expect(count(model)).toBe(wanted);
    expect(model.optimizer.iterations).toBe(3);
    stripPruning(model);
  });
});

describe('one callback in two fits at once', () => {
  it.each<[string, () => tfl.Callback]>([
    ['ConstantSparsity', half],
    ['QuantizeAware', () => new QuantizeAware({dtype: 4})],
    ['L1Regularizer', () => new L1Regularizer({l1: 1e-3})],
    [
      'NeuronPruner',
      () => new NeuronPruner({initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 0}),
    ],
  ])('is refused by %s, and the first goes on', async (name, make) => {
    const [one, other] = [mlp(), mlp({seed: 5})];
    const {x, y} = data();
    const callbacks = [make()];
    const before = kernel(other, 'dense_0');
    const first = one.fit(x, y, {...QUIET, epochs: 3, callbacks});
    const second = other.fit(x, y, {...QUIET, epochs: 3, callbacks});
    await expect(second).rejects.toThrow(PruningError);
    await expect(second).rejects.toThrow(`callbacks: expected a ${name} of its own`);
    await first;
    expect(kernel(other, 'dense_0')).toEqual(before);
    if (name === 'ConstantSparsity') {
      expect(zeros(kernel(one, 'dense_0'))).toBe(12);
    }
    stripPruning(one);
  });

  it('may be used for one after the other', async () => {
    const [one, other] = [mlp(), mlp({seed: 5})];
    const {x, y} = data();
    const callbacks = [half()];
    for (const model of [one, other]) {
      await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
      expect(zeros(kernel(model, 'dense_0'))).toBe(12);
      stripPruning(model);
    }
  });
});

describe('two models with one optimizer', () => {
  it('are both held, and one is stripped without the other', async () => {
    const optimizer = tf.train.momentum(0.1, 0.9);
    const [one, other] = [mlp({optimizer}), mlp({optimizer, seed: 5})];
    const {x, y} = data();
    await pruneNow(one, {sparsity: 0.5});
    await pruneNow(other, {sparsity: 0.75});
    for (const model of [one, other]) {
      await model.fit(x, y, {...QUIET, epochs: 1});
    }
    expect([one, other].map((model) => zeros(kernel(model, 'dense_0')))).toEqual([12, 18]);
    stripPruning(one);
    for (const model of [one, other]) {
      await model.fit(x, y, {...QUIET, epochs: 1});
    }
    expect([one, other].map((model) => zeros(kernel(model, 'dense_0')))).toEqual([0, 18]);
    stripPruning(other);
  });

  it('go on with their own schedules', async () => {
    const optimizer = tf.train.sgd(0.1);
    const [one, other] = [mlp({optimizer}), mlp({optimizer, seed: 5})];
    const pruners = [half(), half({targetSparsity: 0.75})];
    for (const [i, model] of [one, other].entries()) {
      pruners[i].setModel(model);
      await pruners[i].onTrainBegin();
    }
    await train(one, 2);
    await train(other, 2);
    expect([one, other].map((model) => zeros(kernel(model, 'dense_0')))).toEqual([12, 18]);
    [one, other].forEach(stripPruning);
  });
});

describe('a part of a model', () => {
  it('is held while the whole trains, though it is not compiled itself', async () => {
    const encoder = fillKernels(
      tfl.sequential({layers: [tfl.layers.dense({units: 8, inputShape: [16], name: 'e'})]}),
    );
    const decoder = fillKernels(
      tfl.sequential({layers: [tfl.layers.dense({units: 16, inputShape: [8], name: 'd'})]}),
    );
    const whole = compiled(tfl.sequential({layers: [encoder, decoder]}));
    await pruneNow(encoder, {sparsity: 0.5});
    const x = tf.randomNormal([20, 16], 0, 1, 'float32', 1);
    await whole.fit(x, x, {...QUIET, epochs: 2});
    expect(zeros(kernel(encoder, 'e'))).toBe(64);
    const [weight] = (await sparsityReport(encoder)).weights;
    expect(weight).toMatchObject({zeros: 64, masked: true});
    stripPruning(encoder);
    await whole.fit(x, x, {...QUIET, epochs: 1});
    expect(zeros(kernel(encoder, 'e'))).toBe(0);
  });

  it('shares its mask with another model of the same layer', async () => {
    const shared = tfl.layers.dense({units: 6, inputShape: [4], name: 'shared'});
    const heads = [1, 2].map((i) => tfl.layers.dense({units: 2, name: `head_${i}`}));
    const [one, other] = heads.map((head) =>
      compiled(fillKernels(tfl.sequential({layers: [shared, head]}))),
    );
    await pruneNow(one, {sparsity: 0.5, layers: ['shared']});
    await train(other, 3);
    expect(zeros(kernel(other, 'shared'))).toBe(12);
    stripPruning(one);
  });
});

describe('what holds without a callback', () => {
  const WRITES: [string, (model: tfl.Sequential) => Promise<void> | void][] = [
    ['a plain fit', async (model) => void (await model.fit(data().x, data().y, QUIET))],
    ['setWeights', (model) => model.setWeights(mlp({seed: 9}).getWeights())],
    [
      'loadWeights',
      (model) => {
        const named = mlp({seed: 9}).weights.map(
          (variable) => [variable.originalName, variable.read() as tf.Tensor] as const,
        );
        model.loadWeights(Object.fromEntries(named), false);
      },
    ],
    [
      'optimizer.minimize',
      (model) => {
        const weight = model.weights[0].read() as tf.Variable;
        tf.train.adam(0.1).minimize(() => tf.sum(tf.square(tf.add(weight, 1))) as tf.Scalar);
      },
    ],
    [
      'assign',
      (model) => tf.tidy(() => (model.weights[0].read() as tf.Variable).assign(tf.ones([4, 6]))),
    ],
    ['a compile and a fit', async (model) => train(compiled(model, tf.train.adam()), 2)],
  ];

  const pruned: [string, (model: tfl.Sequential) => Promise<unknown>][] = [
    ['pruneNow', (model) => pruneNow(model, {sparsity: 0.5})],
    ['a callback', (model) => model.fit(data().x, data().y, {...QUIET, callbacks: [half()]})],
    ['setMask', (model) => setMask(model, 'dense_0', checkers())],
  ];

  const checkers = () =>
    tf.tidy(() =>
      tf.tensor2d(
        Array.from({length: 24}, (_, i) => i % 2),
        [4, 6],
      ),
    );

  describe.each(pruned)('after %s', (_how, prune) => {
    it.each(WRITES)('%s leaves zeros at zero', async (_what, write) => {
      const model = mlp();
      await prune(model);
      const before = kernel(model, 'dense_0').map((value) => (value === 0 ? 0 : 1));
      expect(zeros(before)).toBe(12);
      await write(model);
      expect(kernel(model, 'dense_0').map((value) => (value === 0 ? 0 : 1))).toEqual(before);
      stripPruning(model);
    });
  });

  it('prunes further from what is held', async () => {
    const model = functional(4, [50, 2]);
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, callbacks: [half({targetSparsity: 0.8})]});
    await model.fit(x, y, QUIET);
    await pruneNow(model, {sparsity: 0.3});
    expect(zeros(kernel(model, 'dense_0'))).toBe(160);
    expect((await sparsityReport(model)).weights[0].zeros).toBe(160);
    stripPruning(model);
  });
});

describe('values that replace rounded weights', () => {
  const still = {...QUIET, epochs: 1};
  const rest = (model: tfl.LayersModel) => compiled(model, tf.train.sgd(0));

  it('are rounded as they are, not with what was left over from the former ones', async () => {
    const model = mlp();
    const {x, y} = data();
    const callback = new QuantizeAware({dtype: 4});
    await model.fit(x, y, {...still, callbacks: [callback]});
    const good = mlp({seed: 9});
    model.setWeights(good.getWeights());
    const fresh = mlp({seed: 9});
    await rest(fresh).fit(x, y, {...still, callbacks: [new QuantizeAware({dtype: 4})]});
    expect(kernel(model, 'dense_0')).toEqual(kernel(fresh, 'dense_0'));
    await rest(model).fit(x, y, {...still, callbacks: [callback]});
    expect(kernel(model, 'dense_0')).toEqual(kernel(fresh, 'dense_0'));
    [model, fresh].forEach(stripPruning);
  });

  it('are clustered anew in the next fit with the same callback', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const model = mlp();
    const {x, y} = data();
    const callback = new ClusterWeights({clusters: 4});
    await model.fit(x, y, {...still, callbacks: [callback]});
    const good = mlp({seed: 9});
    model.setWeights(good.getWeights());
    expect(values(model)).toBeLessThanOrEqual(4);
    await rest(model).fit(x, y, {...still, callbacks: [callback]});
    const fresh = mlp({seed: 9});
    await rest(fresh).fit(x, y, {...still, callbacks: [new ClusterWeights({clusters: 4})]});
    expect(kernel(model, 'dense_0')).toEqual(kernel(fresh, 'dense_0'));
    [model, fresh].forEach(stripPruning);
    warn.mockRestore();
  });
});

describe('the order of callbacks', () => {
  it.each<[string, () => tfl.Callback]>([
    ['a grid', () => new QuantizeAware({dtype: 3})],
    ['clusters', () => new ClusterWeights({clusters: 3})],
  ])('makes no difference for zeros and %s', async (_what, round) => {
    const counts: number[][] = [];
    for (const order of [1, -1]) {
      const model = functional(4, [24, 2]);
      const {x, y} = data();
      const callbacks = [half({beginStep: 2}), round()].sort(() => order);
      const {history} = await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
      counts.push([zeros(kernel(model, 'dense_0')), Number(history.sparsity[1])]);
      expect(values(model)).toBeLessThanOrEqual(8);
      stripPruning(model);
    }
    expect(counts[0]).toEqual([48, 0.5]);
    expect(counts[1]).toEqual(counts[0]);
  });

  it('makes no difference for logs', async () => {
    const logs: object[] = [];
    for (const reverse of [false, true]) {
      const model = mlp();
      const {x, y} = data();
      const callbacks: tfl.Callback[] = [
        half({layers: ['dense_0']}),
        half({layers: ['dense_1'], targetSparsity: 0.25}),
        new NeuronPruner({initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 0}),
      ];
      const list = reverse ? callbacks.reverse() : callbacks;
      const {history} = await model.fit(x, y, {...QUIET, epochs: 1, callbacks: list});
      logs.push({sparsity: history.sparsity, channelSparsity: history.channelSparsity});
      stripPruning(model);
    }
    expect(Object.keys(logs[0])).toEqual(['sparsity', 'channelSparsity']);
    expect(logs[0]).toMatchObject({channelSparsity: [0.5]});
    expect((logs[0] as {sparsity: number[]}).sparsity).toHaveLength(1);
  });
});

describe('two roundings of a weight', () => {
  const pair = () => [
    new ClusterWeights({clusters: 4}),
    new QuantizeAware({dtype: 4, beginStep: 2}),
  ];

  it('are refused in one fit, and fine one after the other or for other layers', async () => {
    const model = mlp();
    const {x, y} = data();
    await expect(model.fit(x, y, {...QUIET, callbacks: pair()})).rejects.toThrow(
      "callbacks: expected only one callback that rounds 'dense_0/kernel': give them different layers, " +
        "but got 'ClusterWeights and QuantizeAware'.",
    );
    for (const callback of pair()) {
      await model.fit(x, y, {...QUIET, callbacks: [callback]});
    }
    expect(values(model)).toBeLessThanOrEqual(16);
    const apart = [
      new ClusterWeights({clusters: 4, layers: ['dense_0']}),
      new QuantizeAware({dtype: 2, layers: ['dense_1']}),
    ];
    await model.fit(x, y, {...QUIET, callbacks: apart});
    expect(values(model)).toBeLessThanOrEqual(4);
    expect(values(model, 'dense_1')).toBeLessThanOrEqual(4);
    stripPruning(model);
  });
});

describe('a weight of zeros', () => {
  const blank = (args = {}) =>
    compiled(
      tfl.sequential({
        layers: [
          tfl.layers.dense({
            units: 6,
            inputShape: [4],
            name: 'dense_0',
            kernelInitializer: 'zeros',
            ...args,
          }),
        ],
      }),
    );
  const trained = async (model: tfl.LayersModel) => {
    const {x, y} = data(40, 4, 6);
    await model.fit(x, y, {...QUIET, epochs: 2});
    return zeros(kernel(model, 'dense_0'));
  };

  it('was never pruned: pruneNow takes its share and it trains', async () => {
    const model = blank();
    await pruneNow(model, {sparsity: 0.5});
    expect((await sparsityReport(model)).weights[0].masked).toBe(true);
    expect(await trained(model)).toBe(12);
    stripPruning(model);
  });

  it('resumes so too', async () => {
    const model = blank();
    const {x, y} = data(40, 4, 6);
    await model.fit(x, y, {...QUIET, callbacks: [half({resume: true})]});
    expect(await trained(model)).toBe(12);
    stripPruning(model);
  });

  it('has channels that were never pruned', async () => {
    const model = compiled(
      tfl.sequential({
        layers: [
          tfl.layers.dense({
            units: 6,
            inputShape: [4],
            name: 'dense_0',
            kernelInitializer: 'zeros',
          }),
          tfl.layers.dense({units: 2, name: 'dense_1'}),
        ],
      }),
    );
    const {x, y} = data();
    const args = {initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 0};
    const pruner = new NeuronPruner({...args, resume: true});
    await model.fit(x, y, {...QUIET, callbacks: [pruner]});
    expect(pruner.sparsity).toBe(0.5);
    stripPruning(model);
  });

  it('keeps zeros that are there beside others, under a mask too', async () => {
    const model = mlp({inputs: 4, units: [6]});
    const numbers = distinct(24).fill(0, 0, 6);
    const variable = model.layers[0].weights[0];
    tf.tidy(() => void variable.write(tf.tensor2d(numbers, [4, 6])));
    const mask = tf.tidy(() =>
      tf.tensor2d(
        Array.from({length: 24}, (_, i) => (i >= 18 ? 0 : 1)),
        [4, 6],
      ),
    );
    await setMask(model, 'dense_0', mask);
    await pruneNow(model, {sparsity: 0.75});
    const places = [...kernel(model, 'dense_0')].flatMap((value, i) => (value === 0 ? [i] : []));
    expect(places).toHaveLength(18);
    expect(places).toEqual(expect.arrayContaining([0, 1, 2, 3, 4, 5, 18, 19, 20, 21, 22, 23]));
    stripPruning(model);
  });
});

describe('pruneNow that fails', () => {
  it.each<[string, (weight: tf.Tensor) => tf.Tensor, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no scores');
      },
      /no scores/,
    ],
    ['has another shape', () => tf.zeros([3]), /scores of shape/],
    ['is not finite', (weight) => tf.mul(weight, NaN), /finite/],
    ['is no tensor', () => 3 as unknown as tf.Tensor, /a tensor of scores/],
  ])('as its criterion %s leaves the model as it was', async (_what, criterion, message) => {
    const model = mlp();
    const {x, y} = data();
    const before = kernel(model, 'dense_0');
    const tensors = tf.memory().numTensors;
    await expect(pruneNow(model, {sparsity: 0.5, criterion})).rejects.toThrow(message);
    expect(kernel(model, 'dense_0')).toEqual(before);
    expect(tf.memory().numTensors).toBeLessThanOrEqual(tensors + 1);
    expect((await sparsityReport(model)).weights.every(({masked}) => !masked)).toBe(true);
    await model.fit(x, y, QUIET);
    expect(zeros(kernel(model, 'dense_0'))).toBe(0);
  });

  it('leaves the masks that were there', async () => {
    const model = mlp();
    await pruneNow(model, {sparsity: 0.5});
    const before = kernel(model, 'dense_0');
    const spoilt = (weight: tf.Tensor) => tf.mul(weight, NaN);
    await expect(pruneNow(model, {sparsity: 0.8, criterion: spoilt})).rejects.toThrow(/finite/);
    expect(kernel(model, 'dense_0')).toEqual(before);
    await train(model, 2);
    expect(zeros(kernel(model, 'dense_0'))).toBe(12);
    stripPruning(model);
  });
});

describe('disposing', () => {
  const CALLBACKS: [string, () => tfl.Callback][] = [
    ['a mask', half],
    ['a grid', () => new QuantizeAware({dtype: 4})],
    ['clusters', () => new ClusterWeights({clusters: 4})],
    [
      'a dense copy',
      () =>
        new DynamicSparsity({
          method: 'surgery',
          initialSparsity: 0.5,
          finalSparsity: 0.5,
          beginStep: 0,
          endStep: 2,
        }),
    ],
  ];

  it.each(CALLBACKS)('a model frees %s', async (_what, make) => {
    const {x, y} = data();
    const before = tf.memory().numTensors;
    const model = mlp({optimizer: 'sgd'});
    await model.fit(x, y, {...QUIET, callbacks: [make()]});
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(CALLBACKS)('a weight frees %s', async (_what, make) => {
    const {x, y} = data();
    const plain = mlp();
    await plain.fit(x, y, QUIET);
    const tensors = tf.memory().numTensors;
    plain.weights.forEach((variable) => variable.dispose());
    const freed = tensors - tf.memory().numTensors;
    const model = mlp();
    const before = tf.memory().numTensors;
    await model.fit(x, y, {...QUIET, callbacks: [make()]});
    model.weights.forEach((variable) => variable.dispose());
    expect(before - tf.memory().numTensors).toBe(freed);
  });
});

describe('what stays of it', () => {
  it('is nothing on the variable once it is stripped', async () => {
    const model = mlp();
    const variable = model.weights[0].read() as tf.Variable;
    await pruneNow(model, {sparsity: 0.5});
    expect(Object.hasOwn(variable, 'assign')).toBe(true);
    stripPruning(model);
    expect(Object.hasOwn(variable, 'assign')).toBe(false);
    expect(Object.hasOwn(variable, 'dispose')).toBe(false);
  });

  it('is the function that the user had put there', async () => {
    const model = mlp();
    const variable = model.weights[0].read() as tf.Variable;
    const own = jest.fn(variable.assign.bind(variable));
    variable.assign = own;
    await pruneNow(model, {sparsity: 0.5});
    await train(model, 1);
    expect(own).toHaveBeenCalled();
    stripPruning(model);
    expect(variable.assign).toBe(own);
  });
});

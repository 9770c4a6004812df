import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {ConstantSparsity, PruningError, stripPruning} from '../../lib';
import {L1Regularizer, type L1RegularizerArgs} from '../../lib/callbacks/l1_regularizer';
import {
  QUIET,
  countReads,
  data,
  dataset,
  hooked,
  kernel,
  kernelZeros,
  mlp,
  probe,
  setWeight,
  train,
  values,
  zeros,
} from '../setup/models';

const sum = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((all, x) => all + x, 0);
const l1Norm = (numbers: ArrayLike<number>) => sum(Array.from(numbers).map(Math.abs));
const columns = (numbers: ArrayLike<number>, size: number) =>
  [...Array(size).keys()].map((i) => Array.from(numbers).filter((_, at) => at % size === i));
const groupNorm = (numbers: ArrayLike<number>, size: number) =>
  sum(columns(numbers, size).map((group) => Math.sqrt(group.length) * Math.hypot(...group)));
const soft = (w: number, t: number) => Math.sign(w) * Math.max(Math.abs(w) - t, 0);

const near = (found: ArrayLike<number>, wanted: ArrayLike<number>, error = 1e-5) => {
  expect(found).toHaveLength(wanted.length);
  Array.from(found).forEach((value, i) =>
    expect(Math.abs(value - wanted[i])).toBeLessThanOrEqual(error),
  );
};

/** All layers of `model`, nested ones and input layers too. */
const allLayers = (model: tfl.LayersModel): tfl.layers.Layer[] => {
  const inner = (Reflect.get(model, 'model') as tfl.LayersModel | undefined) ?? model;
  return inner.layers.flatMap((layer) =>
    layer instanceof tfl.LayersModel ? [layer, ...allLayers(layer)] : [layer],
  );
};
const losses = (model: tfl.LayersModel) => allLayers(model).map((layer) => [...layer.losses]);

/** Calls `body` while `callback` is at work, as a loop by hand does. */
async function byHand<T>(
  model: tfl.LayersModel,
  callback: L1Regularizer,
  body: () => Promise<T>,
): Promise<T> {
  callback.setModel(model);
  await callback.onTrainBegin();
  const result = await body();
  await callback.onTrainEnd();
  return result;
}

/** The loss of one `trainOnBatch` at the weights that `model` has. */
async function lossOf(model: tfl.LayersModel, x: tf.Tensor, y: tf.Tensor): Promise<number> {
  return (await model.trainOnBatch(x, y)) as number;
}

/** The penalty that `args` add to the loss of a step, which moves no weight. */
async function penaltyOf(
  model: tfl.LayersModel,
  args: L1RegularizerArgs,
  x: tf.Tensor,
  y: tf.Tensor,
): Promise<number> {
  model.compile({optimizer: tf.train.sgd(0), loss: 'meanSquaredError'});
  const plain = await lossOf(model, x, y);
  return (await byHand(model, new L1Regularizer(args), () => lossOf(model, x, y))) - plain;
}

/** A normalized model: dense_0, norm (gammas of 6), dense_1. */
function normalized(nested = false): tfl.LayersModel {
  const norm = tfl.layers.batchNormalization({name: 'norm'});
  const body = tfl.sequential({
    name: 'body',
    layers: [tfl.layers.dense({units: 6, inputShape: [4], name: 'dense_0'}), norm],
  });
  const head = tfl.layers.dense({units: 2, name: 'dense_1'});
  const model = tfl.sequential({layers: nested ? [body, head] : [...body.layers, head]});
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  setWeight(norm, 0, [0.5, -0.25, 1, 2, -1.5, 0.125]);
  return model;
}

describe('penalty', () => {
  it('adds λ·‖θ‖₁ to the loss of a batch', async () => {
    const model = mlp({inputs: 2, units: [2]});
    setWeight(model.layers[0], 0, [1, -2, 0, 0.5]);
    const x = tf.tensor2d([[1, 1]]);
    // Outputs are 1 and −1.5: a loss of (1 + 2.25)/2, and 0.1·3.5 on top.
    const y = tf.zeros([1, 2]);
    const loss = await byHand(model, new L1Regularizer({l1: 0.1}), () => lossOf(model, x, y));
    expect(loss).toBeCloseTo(1.625 + 0.35, 5);
  });

  it('moves weights by η·λ·sign, and leaves zeros', async () => {
    const model = mlp({inputs: 2, units: [2], optimizer: tf.train.sgd(0.1)});
    setWeight(model.layers[0], 0, [1, -2, 0, 0.5]);
    const [x, y] = [tf.zeros([1, 2]), tf.zeros([1, 2])];
    await byHand(model, new L1Regularizer({l1: 0.5}), () => lossOf(model, x, y));
    near(kernel(model, 'dense_0'), [0.95, -1.95, 0, 0.45], 1e-6);
  });

  it('is in the history of a fit', async () => {
    const {x, y} = data();
    const model = mlp({optimizer: tf.train.sgd(0)});
    const [lambda, norm] = [
      0.03,
      l1Norm([...kernel(model, 'dense_0'), ...kernel(model, 'dense_1')]),
    ];
    const plain = await model.fit(x, y, {...QUIET, epochs: 1});
    const callbacks = [new L1Regularizer({l1: lambda})];
    const validationData: [tf.Tensor, tf.Tensor] = [x, y];
    const {history} = await model.fit(x, y, {...QUIET, epochs: 2, callbacks, validationData});
    const wanted = (plain.history.loss[0] as number) + lambda * norm;
    near(history.loss as number[], [wanted, wanted]);
    near(history.val_loss as number[], [wanted - lambda * norm, wanted - lambda * norm]);
  });

  it('is in the history of fitDataset', async () => {
    const model = mlp({optimizer: tf.train.sgd(0)});
    const norm = l1Norm(kernel(model, 'dense_1'));
    const args = {epochs: 1, verbose: 0} as const;
    const plain = await model.fitDataset(dataset(), args);
    const callbacks = [new L1Regularizer({l1: 0.5, layers: ['dense_1']})];
    const {history} = await model.fitDataset(dataset(), {...args, callbacks});
    near(history.loss as number[], [(plain.history.loss[0] as number) + 0.5 * norm]);
  });

  it('adds to regularizers that layers have', async () => {
    const {x, y} = data(10);
    const kernelRegularizer = tfl.regularizers.l1l2({l1: 0.2, l2: 0.1});
    const model = mlp({dense: {kernelRegularizer}});
    const norm = l1Norm([...kernel(model, 'dense_0'), ...kernel(model, 'dense_1')]);
    expect(await penaltyOf(model, {l1: 0.25}, x, y)).toBeCloseTo(0.25 * norm, 4);
    expect(losses(model).map((each) => each.length)).toEqual([0, 1, 1]);
  });

  it('follows a schedule of the steps done before', async () => {
    const {x, y} = data(10);
    const model = mlp({optimizer: tf.train.sgd(0)});
    const plain = await lossOf(model, x, y);
    const asked: number[] = [];
    const l1 = (step: number) => {
      asked.push(step);
      return step / 100;
    };
    const norm = l1Norm([...kernel(model, 'dense_0'), ...kernel(model, 'dense_1')]);
    const found = await byHand(model, new L1Regularizer({l1}), async () => [
      await lossOf(model, x, y),
      await lossOf(model, x, y),
    ]);
    near(found, [plain + norm * 0.01, plain + norm * 0.02]);
    expect(asked).toEqual([1, 1, 2]);
  });

  it('takes columns as groups', async () => {
    const {x, y} = data(10);
    const model = mlp();
    const norm = groupNorm(kernel(model, 'dense_0'), 6) + groupNorm(kernel(model, 'dense_1'), 2);
    near([await penaltyOf(model, {l1: 0.05, groups: 'channel'}, x, y)], [0.05 * norm]);
  });

  it('takes rows as groups: the weights that read one input', async () => {
    const {x, y} = data(10);
    const model = mlp({inputs: 4, units: [2]});
    setWeight(model.layers[0], 0, [3, 4, 0, 0, 0, -1, 5, 12]);
    const norm = Math.SQRT2 * (5 + 0 + 1 + 13);
    near([await penaltyOf(model, {l1: 0.05, groups: 'input'}, x, y)], [0.05 * norm]);
  });

  it('counts a bias with its channel, once', async () => {
    const {x, y} = data(10);
    const model = mlp({inputs: 4, units: [2]});
    setWeight(model.layers[0], 0, [2, 0, 0, 0, 0, 0, 0, 3]);
    setWeight(model.layers[0], 1, [1, -4]);
    const norm = Math.sqrt(5) * (Math.sqrt(5) + 5);
    const args = {l1: 0.05, groups: 'channel', biases: true} as const;
    near([await penaltyOf(model, args, x, y)], [0.05 * norm]);
  });

  it('counts the bias of a cell with its first kernel', async () => {
    const make = () => {
      const cell = tfl.layers.simpleRNN({
        units: 2,
        inputShape: [3, 2],
        recurrentInitializer: 'zeros',
      });
      const model = tfl.sequential({layers: [cell]});
      model.compile({optimizer: 'sgd', loss: () => tf.scalar(0)});
      setWeight(cell, 0, [1, 0, 0, 2]);
      setWeight(cell, 1, [0, 3, 0, 0]);
      setWeight(cell, 2, [1, 0]);
      return model;
    };
    const [x, y] = [tf.zeros([1, 3, 2]), tf.zeros([1, 2])];
    const norm = Math.sqrt(3) * (Math.SQRT2 + 2) + Math.SQRT2 * 3;
    const args = {l1: 0.5, groups: 'channel', biases: true} as const;
    near([await penaltyOf(make(), args, x, y)], [0.5 * norm]);
  });

  it('takes gammas', async () => {
    const {x, y} = data(10);
    const model = normalized();
    const gamma = {l1: 0.1, target: 'gamma'} as const;
    near([await penaltyOf(model, gamma, x, y)], [0.5375]);
    near([await penaltyOf(model, {...gamma, groups: 'channel', layers: ['norm']}, x, y)], [0.5375]);
  });

  it('counts a layer once that is used twice', async () => {
    const {x, y} = data(10, 4, 4);
    const input = tfl.input({shape: [4]});
    const shared = tfl.layers.dense({units: 4, name: 'dense_0'});
    const outputs = shared.apply(shared.apply(input)) as tfl.SymbolicTensor;
    const model = tfl.model({inputs: input, outputs});
    setWeight(shared, 0, Array(16).fill(-0.25));
    near([await penaltyOf(model, {l1: 0.5}, x, y)], [2]);
  });

  it('counts once where a nested model shares the input layer', async () => {
    const {x, y} = data(10);
    const input = tfl.input({shape: [4]});
    const dense = tfl.layers.dense({units: 2, name: 'dense_0'});
    const inner = tfl.model({inputs: input, outputs: dense.apply(input) as tfl.SymbolicTensor});
    const outputs = tfl.layers.activation({activation: 'tanh'}).apply(inner.apply(input));
    const model = tfl.model({inputs: input, outputs: outputs as tfl.SymbolicTensor});
    setWeight(dense, 0, Array(8).fill(0.5));
    near([await penaltyOf(model, {l1: 0.25}, x, y)], [1]);
  });

  it('reaches recurrent cells in both directions', async () => {
    const recurrentInitializer = 'glorotUniform';
    const layer = tfl.layers.simpleRNN({units: 2, recurrentInitializer}) as tfl.RNN;
    const model = tfl.sequential({
      layers: [tfl.layers.bidirectional({layer, inputShape: [3, 1], mergeMode: 'concat'})],
    });
    const norm = l1Norm(model.weights.flatMap((w) => (w.shape.length > 1 ? [...values(w)] : [])));
    const [x, y] = [tf.ones([1, 3, 1]), tf.zeros([1, 4])];
    near([await penaltyOf(model, {l1: 0.5}, x, y)], [0.5 * norm]);
  });

  it('leaves frozen weights out', async () => {
    const {x, y} = data(10);
    const model = mlp();
    model.layers[0].trainable = false;
    near([await penaltyOf(model, {l1: 0.5}, x, y)], [0.5 * l1Norm(kernel(model, 'dense_1'))]);
  });
});

describe('proximal', () => {
  it('soft-thresholds after a step of sgd', async () => {
    const [eta, lambda] = [0.1, 2];
    const [model, plain] = [mlp(), mlp()].map((each) => {
      each.compile({optimizer: tf.train.sgd(eta), loss: 'meanSquaredError'});
      return each;
    });
    await train(plain, 1);
    await byHand(model, new L1Regularizer({l1: lambda, mode: 'proximal'}), () => train(model, 1));
    for (const name of ['dense_0', 'dense_1']) {
      const wanted = [...kernel(plain, name)].map((w) => soft(w, eta * lambda));
      near(kernel(model, name), wanted, 1e-6);
      expect(zeros(kernel(model, name))).toBe(wanted.filter((w) => w === 0).length);
    }
    expect(zeros(kernel(model, 'dense_0'))).toBeGreaterThan(0);
  });

  it('is computed by hand', async () => {
    const model = mlp({inputs: 2, units: [2], optimizer: tf.train.sgd(0.5)});
    setWeight(model.layers[0], 0, [1, -2, 0.25, -0.125]);
    const [x, y] = [tf.zeros([1, 2]), tf.zeros([1, 2])];
    const l1 = new L1Regularizer({l1: 0.5, mode: 'proximal'});
    const loss = await byHand(model, l1, () => lossOf(model, x, y));
    expect(loss).toBe(0);
    const found = [...kernel(model, 'dense_0')];
    expect(found).toEqual([0.75, -1.75, 0, 0]);
    expect(found.some((value) => Object.is(value, -0))).toBe(false);
  });

  it('zeroes columns as a whole', async () => {
    // √2·η·λ = 1: the norms 5 and 0.5 become 4 and 0.
    const model = mlp({inputs: 2, units: [2], optimizer: tf.train.sgd(0.5)});
    setWeight(model.layers[0], 0, [3, 0.3, -4, -0.4]);
    const [x, y] = [tf.zeros([1, 2]), tf.zeros([1, 2])];
    const l1 = new L1Regularizer({l1: Math.SQRT2, mode: 'proximal', groups: 'channel'});
    await byHand(model, l1, () => lossOf(model, x, y));
    near(kernel(model, 'dense_0'), [2.4, 0, -3.2, 0]);
    expect(zeros(kernel(model, 'dense_0'))).toBe(2);
  });

  it('zeroes rows as a whole', async () => {
    // √2·η·λ = 1: the norms 5 and 0.5 become 4 and 0.
    const model = mlp({inputs: 2, units: [2], optimizer: tf.train.sgd(0.5)});
    setWeight(model.layers[0], 0, [3, -4, 0.3, 0.4]);
    const [x, y] = [tf.zeros([1, 2]), tf.zeros([1, 2])];
    const l1 = new L1Regularizer({l1: Math.SQRT2, mode: 'proximal', groups: 'input'});
    await byHand(model, l1, () => lossOf(model, x, y));
    near(kernel(model, 'dense_0'), [2.4, -3.2, 0, 0]);
    expect(zeros(kernel(model, 'dense_0'))).toBe(2);
  });

  it('zeroes columns with their biases, and moves no bias without them', async () => {
    // √3·η·λ = 1: of the norms with the biases, 5 and 0.9, 4 and 0 are left.
    const step = async (biases: boolean) => {
      const model = mlp({inputs: 2, units: [2], optimizer: tf.train.sgd(0.5)});
      setWeight(model.layers[0], 0, [3, 0.1, 0, 0.4]);
      setWeight(model.layers[0], 1, [4, 0.8]);
      // The outputs are the biases, so that there is no gradient.
      const [x, y] = [tf.zeros([1, 2]), tf.tensor2d([[4, 0.8]])];
      const l1 = 2 / Math.sqrt(3);
      const args = {l1, mode: 'proximal', groups: 'channel', biases} as const;
      await byHand(model, new L1Regularizer(args), () => lossOf(model, x, y));
      return model.layers[0].getWeights().map((each) => [...each.dataSync()]);
    };
    const [kernelOf, biasOf] = await step(true);
    near(kernelOf, [2.4, 0, 0, 0]);
    near(biasOf, [3.2, 0]);
    expect(zeros(biasOf)).toBe(1);
    expect((await step(false))[1]).toEqual([4, Math.fround(0.8)]);
  });

  it('shrinks gammas alone', async () => {
    const model = normalized(true);
    model.compile({optimizer: tf.train.sgd(0.5), loss: () => tf.scalar(0)});
    const before = kernel(nestedModel(model), 'dense_0');
    const gamma = allLayers(model).find(({name}) => name === 'norm')!.weights[0];
    const args = {l1: 0.5, mode: 'proximal', target: 'gamma', layers: ['body']} as const;
    const l1 = new L1Regularizer(args);
    l1.setModel(model);
    await l1.onTrainBegin();
    tf.tidy(() => model.optimizer.applyGradients({}));
    await l1.onTrainEnd();
    expect([...values(gamma)]).toEqual([0.25, 0, 0.75, 1.75, -1.25, 0]);
    expect(kernel(nestedModel(model), 'dense_0')).toEqual(before);
  });

  const optimizers: [string, () => tf.Optimizer, number][] = [
    ['sgd', () => tf.train.sgd(0.125), 0.125],
    ['momentum', () => tf.train.momentum(0.125, 0.9), 0.125],
    ['rmsprop', () => tf.train.rmsprop(0.125, 0.5), 0.125],
    ['adam', () => tf.train.adam(0.125), 0.125],
    ['adagrad', () => tf.train.adagrad(0.125), 0.125],
    ['adadelta', () => tf.train.adadelta(0.125), 0.125],
    ['adamax', () => tf.train.adamax(0.125, 0.9, 0.999, 1e-8, 1), 0.125 / 2],
  ];

  it.each(optimizers)("takes %s's learning rate", async (_name, make, second) => {
    // Without gradients only the callback moves weights: η·λ = 0.125, then `second`.
    const model = mlp({inputs: 2, units: [2], optimizer: make()});
    setWeight(model.layers[0], 0, [1, -1, 0.25, -0.0625]);
    await byHand(model, new L1Regularizer({l1: 1, mode: 'proximal'}), async () => {
      model.optimizer.applyGradients({});
      near(kernel(model, 'dense_0'), [0.875, -0.875, 0.125, 0], 0);
      model.optimizer.applyGradients({});
    });
    near(kernel(model, 'dense_0'), [0.875 - second, second - 0.875, 0.125 - second, 0], 0);
  });

  it('follows setLearningRate and the schedule', async () => {
    const optimizer = tf.train.sgd(0.5);
    const model = mlp({inputs: 2, units: [2], optimizer});
    setWeight(model.layers[0], 0, [4, -4, 2, -2]);
    const l1 = (step: number) => step * 0.5;
    await byHand(model, new L1Regularizer({l1, mode: 'proximal'}), async () => {
      optimizer.applyGradients({});
      near(kernel(model, 'dense_0'), [4, -4, 2, -2], 0);
      optimizer.applyGradients({});
      near(kernel(model, 'dense_0'), [3.75, -3.75, 1.75, -1.75], 0);
      optimizer.setLearningRate(1);
      optimizer.applyGradients({});
    });
    near(kernel(model, 'dense_0'), [2.75, -2.75, 0.75, -0.75], 0);
  });

  it('leaves the loss, the losses of layers and frozen weights as they are', async () => {
    const model = mlp({dense: {kernelRegularizer: 'l1l2'}});
    model.layers[0].trainable = false;
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const [before, frozen] = [losses(model), kernel(model, 'dense_0')];
    await byHand(model, new L1Regularizer({l1: 9, mode: 'proximal'}), async () => {
      expect(losses(model)).toEqual(before);
      await train(model, 3);
    });
    expect(kernel(model, 'dense_0')).toEqual(frozen);
    expect(zeros(kernel(model, 'dense_1'))).toBeGreaterThan(0);
  });

  it('reads nothing', async () => {
    const model = mlp({optimizer: tf.train.adam(0.1)});
    const {x, y} = data(10);
    for (const groups of ['weight', 'channel'] as const) {
      await byHand(model, new L1Regularizer({l1: 0.1, mode: 'proximal', groups}), async () => {
        const reads = countReads(tf.engine() as unknown as tf.KernelBackend);
        model.optimizer.applyGradients({});
        expect(reads.count()).toBe(0);
        reads.restore();
      });
    }
    tf.dispose([x, y]);
  });
});

describe('with other callbacks', () => {
  const variants = (['penalty', 'proximal'] as const).flatMap((mode) =>
    (['weight', 'channel'] as const).flatMap((groups) =>
      [true, false].map((first) => [mode, groups, first] as const),
    ),
  );

  it.each(variants)(
    '%s by %s leaves pruned weights zero, first: %s',
    async (mode, groups, first) => {
      const {x, y} = data();
      const model = mlp({optimizer: tf.train.adam(0.01)});
      const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 2});
      const l1 = new L1Regularizer({l1: 0.001, mode, groups});
      const check = probe({
        onBatchEnd: async () => {
          if (model.optimizer.iterations > 1) {
            expect(kernelZeros(model)).toEqual([12, 6]);
          }
        },
      });
      const callbacks = first ? [l1, pruner, check] : [pruner, l1, check];
      await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
      stripPruning(model);
      expect(kernelZeros(model)).toEqual([12, 6]);
    },
  );

  it('two of them add up', async () => {
    const {x, y} = data();
    const model = normalized();
    const gamma = allLayers(model).find(({name}) => name === 'norm')!;
    model.compile({optimizer: tf.train.sgd(0), loss: 'meanSquaredError'});
    const args = {...QUIET, batchSize: 40, epochs: 1};
    const {history: plain} = await model.fit(x, y, args);
    const callbacks = [new L1Regularizer({l1: 0.1}), new L1Regularizer({l1: 0.2, target: 'gamma'})];
    const {history} = await model.fit(x, y, {...args, callbacks});
    const norms =
      0.1 * l1Norm([...kernel(model, 'dense_0'), ...kernel(model, 'dense_1')]) +
      0.2 * l1Norm(values(gamma.weights[0]));
    near([(history.loss[0] as number) - (plain.loss[0] as number)], [norms]);
  });
});

describe('afterward', () => {
  it.each(['penalty', 'proximal'] as const)('%s leaves nothing behind', async (mode) => {
    const {x, y} = data();
    const model = mlp({
      optimizer: tf.train.momentum(0.01, 0.9),
      dense: {kernelRegularizer: 'l1l2'},
    });
    const before = losses(model);
    const fit = async (groups: 'weight' | 'channel') =>
      model.fit(x, y, {
        ...QUIET,
        epochs: 1,
        callbacks: [new L1Regularizer({l1: 1e-3, mode, groups})],
      });
    await fit('weight');
    const tensors = tf.memory().numTensors;
    for (const groups of ['weight', 'channel', 'weight'] as const) {
      await fit(groups);
      expect(losses(model)).toEqual(before);
    }
    expect(tf.memory().numTensors).toBe(tensors);
    expect(hooked(model)).toBe(false);
  });

  const failing = probe({
    onBatchBegin: async (batch) => {
      if (batch === 2) {
        throw new Error('no more');
      }
    },
  });

  it('a fit that threw leaves no penalty in the next', async () => {
    const {x, y} = data();
    const model = mlp({optimizer: tf.train.sgd(0), dense: {kernelRegularizer: 'l1l2'}});
    const before = losses(model);
    const args = {...QUIET, epochs: 1};
    const {history: plain} = await model.fit(x, y, args);
    const l1 = [new L1Regularizer({l1: 0.1}), new L1Regularizer({l1: 0.2, target: 'kernel'})];
    const callbacks = [...l1, failing];
    await expect(model.fit(x, y, {...args, callbacks})).rejects.toThrow('no more');
    const {history} = await model.fit(x, y, args);
    near(history.loss as number[], plain.loss as number[], 0);
    expect(losses(model)).toEqual(before);
  });

  it('a fit that threw leaves no penalty in a loop by hand', async () => {
    const {x, y} = data();
    const model = mlp({optimizer: tf.train.sgd(0)});
    const before = losses(model);
    const plain = await lossOf(model, x, y);
    const callbacks = [new L1Regularizer({l1: 0.1}), failing];
    await expect(model.fit(x, y, {...QUIET, epochs: 1, callbacks})).rejects.toThrow('no more');
    expect(await lossOf(model, x, y)).toBe(plain);
    expect(losses(model)).toEqual(before);
  });

  it('an instance goes on after a fit that threw, once', async () => {
    const {x, y} = data();
    const model = mlp({optimizer: tf.train.sgd(0)});
    const before = losses(model);
    const args = {...QUIET, epochs: 1};
    const {history: plain} = await model.fit(x, y, args);
    const l1 = new L1Regularizer({l1: 0.1});
    await expect(model.fit(x, y, {...args, callbacks: [l1, failing]})).rejects.toThrow('no more');
    const {history} = await model.fit(x, y, {...args, callbacks: [l1]});
    const norm = l1Norm([...kernel(model, 'dense_0'), ...kernel(model, 'dense_1')]);
    near(history.loss as number[], [(plain.loss[0] as number) + 0.1 * norm]);
    expect(losses(model)).toEqual(before);
  });
});

describe('bad input', () => {
  const strength = 'l1: expected a finite number of at least 0, or a function from step to one';
  const selection =
    'layers: expected a predicate or a list of names, regular expressions or layers';
  const refused: [string, Record<string, unknown>, string][] = [
    ['λ −1', {l1: -1}, `${strength}, but got -1.`],
    ['λ NaN', {l1: NaN}, `${strength}, but got NaN.`],
    ['λ infinite', {l1: Infinity}, `${strength}, but got Infinity.`],
    ["λ '1'", {l1: '1'}, `${strength}, but got '1'.`],
    ['λ missing', {l1: undefined}, `${strength}, but got undefined.`],
    ['mode', {mode: 'l1'}, "mode: expected 'penalty' or 'proximal', but got 'l1'."],
    [
      'groups',
      {groups: 'row'},
      "groups: expected 'weight' or 'channel' or 'input', but got 'row'.",
    ],
    ['biases', {groups: 'channel', biases: 1}, 'biases: expected true or false, but got 1.'],
    [
      'biases of no channels',
      {groups: 'input', biases: true},
      "biases: expected false unless groups is 'channel' and target 'kernel', but got true.",
    ],
    ['target', {target: 'beta'}, "target: expected 'kernel' or 'gamma', but got 'beta'."],
    ['a map of layers', {layers: {dense_0: 0.5}}, `${selection}, but got {"dense_0":0.5}.`],
    ['a name for layers', {layers: 'dense_0'}, `${selection}, but got 'dense_0'.`],
    ['numbers for layers', {layers: [1]}, `${selection}, but got 1.`],
    ['layers null', {layers: null}, `${selection}, but got null.`],
    [
      'an unknown option',
      {lambda: 1},
      "l1, mode, layers, groups, biases, target, unit, normalization, but got 'lambda'.",
    ],
  ];

  it.each(refused)('%s is refused', (_name, args, message) => {
    const make = () => new L1Regularizer({l1: 0.1, ...args} as L1RegularizerArgs);
    expect(make).toThrow(PruningError);
    expect(make).toThrow(message);
  });

  it('no arguments are refused', () => {
    const make = () => new L1Regularizer(undefined as unknown as L1RegularizerArgs);
    expect(make).toThrow('L1Regularizer: expected an object of options, but got undefined.');
  });

  const late: [string, L1RegularizerArgs, string][] = [
    ['an unknown layer', {l1: 1, layers: ['dense_9']}, "(perhaps 'dense_0'), but got 'dense_9'."],
    ['no layer', {l1: 1, layers: () => false}, 'layers: expected at least one layer'],
    [
      'an unknown normalization',
      {l1: 1, target: 'gamma', layers: ['dense_0']},
      "layers: expected names of BatchNormalization layers: norm, but got 'dense_0'.",
    ],
    [
      'no normalization',
      {l1: 1, target: 'gamma', layers: () => false},
      "layers: expected at least one BatchNormalization layer with a gamma, but got 'none of norm'.",
    ],
    [
      'a schedule below 0',
      {l1: () => -1},
      'l1(0): expected a finite number of at least 0, but got -1.',
    ],
    ['a schedule of NaN', {l1: () => NaN}, 'l1(0): expected a finite number of at least 0'],
  ];

  it.each(late)('%s is refused before training', async (_name, args, message) => {
    const model = normalized();
    const before = losses(model);
    const l1 = new L1Regularizer(args);
    l1.setModel(model);
    await expect(l1.onTrainBegin()).rejects.toThrow(PruningError);
    await expect(l1.onTrainBegin()).rejects.toThrow(message);
    expect(losses(model)).toEqual(before);
    expect(hooked(model)).toBe(false);
  });

  it.each(['penalty', 'proximal'] as const)(
    '%s refuses a schedule that goes wrong later',
    async (mode) => {
      const {x, y} = data();
      const model = mlp();
      const before = losses(model);
      const l1 = (step: number) => (step < 3 ? 0.1 : NaN);
      const fit = model.fit(x, y, {
        ...QUIET,
        epochs: 1,
        callbacks: [new L1Regularizer({l1, mode})],
      });
      await expect(fit).rejects.toThrow('l1(3): expected a finite number of at least 0');
      await train(model, 1);
      expect(losses(model)).toEqual(before);
    },
  );

  it('a model without normalizations is refused', async () => {
    const l1 = new L1Regularizer({l1: 1, target: 'gamma'});
    l1.setModel(mlp());
    await expect(l1.onTrainBegin()).rejects.toThrow("but got 'a model without one'");
  });

  it('frozen layers are refused', async () => {
    const model = mlp();
    model.layers[0].trainable = false;
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const l1 = new L1Regularizer({l1: 1, layers: ['dense_0']});
    l1.setModel(model);
    await expect(l1.onTrainBegin()).rejects.toThrow(
      "layers: expected at least one weight that trains, but got 'frozen dense_0/kernel'.",
    );
  });

  it('an optimizer without a learning rate is refused', async () => {
    const model = mlp();
    Reflect.set(model.optimizer, 'learningRate', undefined);
    const l1 = new L1Regularizer({l1: 1, mode: 'proximal'});
    l1.setModel(model);
    await expect(l1.onTrainBegin()).rejects.toThrow(
      'optimizer.learningRate: expected a finite number of at least 0, but got undefined.',
    );
  });
});

/** What `kernel` finds layers in: the nested model where there is one. */
function nestedModel(model: tfl.LayersModel): tfl.LayersModel {
  return model.layers.find((layer) => layer instanceof tfl.LayersModel) as tfl.LayersModel;
}

describe('steps that are none', () => {
  it('are not shrunk after: gradients that the user collects over batches', async () => {
    const model = mlp({inputs: 2, units: [2], optimizer: tf.train.sgd(0.125)});
    setWeight(model.layers[0], 0, [1, -1, 0.5, -0.5]);
    const {optimizer} = model;
    const apply = optimizer.applyGradients.bind(optimizer);
    let batches = 0;
    optimizer.applyGradients = (() => {
      batches += 1;
      if (batches % 2 === 0) {
        apply({});
      }
    }) as tf.Optimizer['applyGradients'];
    await byHand(model, new L1Regularizer({l1: 1, mode: 'proximal'}), async () => {
      for (let batch = 0; batch < 4; ++batch) {
        optimizer.applyGradients({});
      }
    });
    // Two steps of η·λ = 0.125, and not four.
    near(kernel(model, 'dense_0'), [0.75, -0.75, 0.25, -0.25], 0);
  });
});

describe('a layer that is frozen after compile', () => {
  it.each(['proximal', 'penalty'] as const)('is left alone, mode %s', async (mode) => {
    const model = mlp({optimizer: tf.train.sgd(0.1)});
    model.layers[0].trainable = false;
    const before = kernel(model, 'dense_0');
    const other = kernel(model, 'dense_1');
    const {x, y} = data();
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [new L1Regularizer({l1: 0.1, mode})]});
    warn.mockRestore();
    expect(kernel(model, 'dense_0')).toEqual(before);
    expect(kernel(model, 'dense_1')).not.toEqual(other);
  });
});

describe('a loss of your own', () => {
  const step = (model: tfl.LayersModel) =>
    model.optimizer.minimize(() => tf.sum(model.weights[0].read()) as tf.Scalar);

  it('has no penalty, and says so at the first step, before anything has changed', async () => {
    const model = mlp();
    const before = kernel(model, 'dense_0');
    await byHand(model, new L1Regularizer({l1: 0.1}), async () => {
      expect(() => step(model)).toThrow(
        "mode: expected 'proximal' where the loss is your own, as in a loop of optimizer.minimize, " +
          "but got 'penalty'.",
      );
    });
    expect(kernel(model, 'dense_0')).toEqual(before);
  });

  it('is fine for the mode proximal', async () => {
    const model = mlp({inputs: 2, units: [2], optimizer: tf.train.sgd(0.25)});
    setWeight(model.layers[0], 0, [1, -1, 0.5, -0.5]);
    const l1 = new L1Regularizer({l1: 1, mode: 'proximal'});
    await byHand(model, l1, async () => void step(model));
    // η·1 less by the gradient, then η·λ nearer to zero.
    near(kernel(model, 'dense_0'), [0.5, -1, 0, -0.5], 0);
  });
});

it('asks for the strength by epoch', async () => {
  const asked: number[] = [];
  const l1 = (epoch: number) => {
    asked.push(epoch);
    return 0.1;
  };
  const model = mlp();
  const {x, y} = data();
  const callbacks = [new L1Regularizer({l1, unit: 'epoch', mode: 'proximal'})];
  await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
  expect(asked).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1]);
  asked.length = 0;
  // A second fit goes on, and another model begins again.
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
  expect(asked).toEqual([2, 2, 2, 2, 2]);
  asked.length = 0;
  await mlp().fit(x, y, {...QUIET, epochs: 1, callbacks});
  expect(asked).toEqual([0, 0, 0, 0, 0]);
});

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ConstantSparsity,
  PolynomialDecay,
  PruningError,
  composeCallbacks,
  stripPruning,
  type ConstantSparsityArgs,
} from '../../../lib';
import {maskOf} from '../../../lib/projection/mask';
import {
  QUIET,
  data,
  hooked,
  kernel,
  kernelZeros,
  mlp,
  probe,
  setWeight,
  state,
  train,
  values,
  weights,
  zeros,
} from '../../setup/models';

type Callbacks = tfl.ModelFitArgs['callbacks'];

const half = (args: Partial<ConstantSparsityArgs> = {}) =>
  new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, ...args});

/** Expects `fit` to be refused with this message and the model to be left as it was. */
async function expectRefused(
  model: tfl.LayersModel,
  callbacks: Callbacks,
  message: string | RegExp,
): Promise<PruningError> {
  const {x, y} = data();
  const before = state(model);
  const error = await model.fit(x, y, {...QUIET, epochs: 1, callbacks}).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(PruningError);
  const text = (error as PruningError).message;
  if (typeof message === 'string') {
    expect(text).toBe(message);
  } else {
    expect(text).toMatch(message);
  }
  expect(state(model)).toEqual(before);
  expect(model.weights.some((variable) => maskOf(variable))).toBe(false);
  tf.dispose([x, y]);
  return error as PruningError;
}

describe('a model', () => {
  it('without a layer of a name in a list', async () => {
    await expectRefused(
      mlp(),
      [half({layers: ['dense_0', 'conv']})],
      'layers: expected names of layers with weights that can be pruned: dense_0, dense_1, ' +
        "but got 'conv'.",
    );
  });

  it('without a layer of a name in a map', async () => {
    await expectRefused(mlp(), [half({layers: {conv: 0.5}})], /^layers: .*, but got 'conv'\.$/);
  });

  it('with nothing to prune', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.batchNormalization({name: 'bn', inputShape: [4]}),
        tfl.layers.prelu({name: 'prelu'}),
        tfl.layers.reshape({targetShape: [2, 2]}),
        tfl.layers.globalAveragePooling1d({}),
      ],
    });
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    await expectRefused(
      model,
      [half()],
      'layers: expected at least one layer with weights that can be pruned, ' +
        "but got 'a model without one'.",
    );
  });

  it('of which a predicate takes nothing', async () => {
    await expectRefused(
      mlp(),
      [half({layers: () => false})],
      'layers: expected at least one layer with weights that can be pruned, but got ' +
        "'none of dense_0, dense_1'.",
    );
  });

  it('that is not compiled', async () => {
    const model = tfl.sequential({
      name: 'raw',
      layers: [tfl.layers.dense({units: 2, inputShape: [4]})],
    });
    const before = state(model);
    const pruner = half();
    pruner.setModel(model);
    const error = await pruner.onTrainBegin().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PruningError);
    expect((error as PruningError).message).toContain('model: expected a compiled model');
    expect(state(model)).toEqual(before);
  });

  it('and a callback that was refused can be used for another', async () => {
    const pruner = half({layers: ['dense_2']});
    await expectRefused(mlp(), [pruner], /but got 'dense_2'/);
    const model = mlp({units: [6, 4, 2]});
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    expect(kernelZeros(model)).toEqual([0, 0, 4]);
  });
});

describe('NaN in the weights', () => {
  const spoil = (model: tfl.LayersModel, layer: number, value = NaN) => {
    const numbers = kernel(model, `dense_${layer}`);
    numbers[3] = value;
    setWeight(model.getLayer(`dense_${layer}`), 0, numbers);
    return model;
  };

  it.each([NaN, Infinity, -Infinity])('before training: %p', async (value) => {
    await expectRefused(
      spoil(mlp(), 1, value),
      [half()],
      "weight 'dense_1/kernel' at step 0: expected finite numbers, but got 'NaN or infinity: " +
        "lower the learning rate, or look for a NaN in the data'.",
    );
  });

  it('before training, of a model that resumes', async () => {
    await expectRefused(
      spoil(mlp(), 0),
      [half({resume: true})],
      /^weight 'dense_0\/kernel' at step 0/,
    );
  });

  it('before training, ranked together', async () => {
    await expectRefused(
      spoil(mlp(), 1),
      [half({scope: 'global'})],
      /^weight 'dense_1\/kernel' at step 0/,
    );
  });

  it('before training by epochs, with the step all the same', async () => {
    const model = mlp();
    await train(model, 2);
    await expectRefused(
      spoil(model, 1),
      [half({unit: 'epoch'})],
      /^weight 'dense_1\/kernel' at step 2/,
    );
  });

  it('before training, in a layer that is left alone, is no matter', async () => {
    const model = spoil(mlp(), 0);
    const pruner = half({layers: {dense_0: false}});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    expect(zeros(kernel(model, 'dense_1'))).toBe(6);
    stripPruning(model);
  });

  it('and the callback can begin again once it is gone', async () => {
    const model = spoil(mlp(), 0);
    const pruner = half();
    await expectRefused(model, [pruner], /dense_0/);
    setWeight(
      model.layers[0],
      0,
      Array.from({length: 24}, (_, i) => i + 1),
    );
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    expect(kernelZeros(model)).toEqual([12, 6]);
  });

  /** Two branches of one kernel each, `dense_0` and `dense_1`, trained together. */
  function branches(): tfl.LayersModel {
    const inputs = [tfl.input({shape: [4]}), tfl.input({shape: [4]})];
    const outputs = inputs.map((input, i) =>
      tfl.layers.dense({units: 6, name: `dense_${i}`}).apply(input),
    );
    const model = tfl.model({inputs, outputs: outputs as tfl.SymbolicTensor[]});
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    return model;
  }

  /** Fits `branches` for 8 steps, with a NaN for the second branch in the third. */
  async function poisoned(model: tfl.LayersModel, pruner: tfl.Callback): Promise<unknown> {
    const {x, y} = data(80, 4, 6);
    const numbers = values(x);
    numbers[25 * 4] = NaN;
    const bad = tf.tensor2d(numbers, [80, 4]);
    const args = {...QUIET, epochs: 1, callbacks: [pruner]};
    return model.fit([x, bad], [y, y], args).catch((error: unknown) => error);
  }

  it('during training, with the layer and the step', async () => {
    const model = branches();
    const pruner = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.75,
      beginStep: 1,
      endStep: 7,
      frequency: 3,
    });
    const error = await poisoned(model, pruner);
    expect(error).toBeInstanceOf(PruningError);
    expect((error as PruningError).message).toMatch(
      /^weight 'dense_1\/kernel' at step 4: expected finite numbers, but got 'NaN or infinity/,
    );
    expect(model.optimizer.iterations).toBe(4);
    stripPruning(model);
    expect(hooked(model)).toBe(false);
  });

  it('during training, prunes nothing more', async () => {
    const model = branches();
    const pruner = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.75,
      beginStep: 1,
      endStep: 7,
      frequency: 3,
    });
    await poisoned(model, pruner);
    expect(zeros(kernel(model, 'dense_0'))).toBe(6);
    stripPruning(model);
  });

  it('during training at a sparsity that is reached, is found at the next update', async () => {
    const model = branches();
    const error = await poisoned(model, half({frequency: 2}));
    expect(error).toBeInstanceOf(PruningError);
    expect((error as PruningError).message).toMatch(/^weight 'dense_1\/kernel' at step 4/);
    stripPruning(model);
  });

  it('at the last step, by hand, is found when training ends', async () => {
    const model = mlp();
    const pruner = half({beginStep: 2});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await train(model, 1);
    spoil(model, 1);
    await train(model, 1);
    await expect(pruner.onTrainEnd()).rejects.toThrow(/^weight 'dense_0\/kernel' at step 2/);
    expect(hooked(model)).toBe(false);
    stripPruning(model);
  });
});

describe('a plain object among the callbacks', () => {
  const plain = {onEpochEnd: async () => {}};

  it('before a pruner is refused', async () => {
    await expectRefused(
      mlp(),
      [plain, half()] as unknown as Callbacks,
      'callbacks: expected composeCallbacks(...) around a list with plain objects, but got ' +
        "'a list that starts with one'.",
    );
  });

  it('after a pruner makes tfjs itself throw, and the model stays as it was', async () => {
    const model = mlp();
    const {x, y} = data();
    const before = state(model);
    const callbacks = [half(), plain] as unknown as Callbacks;
    await expect(model.fit(x, y, {...QUIET, epochs: 1, callbacks})).rejects.toThrow(TypeError);
    expect(state(model)).toEqual(before);
  });

  it.each([
    ['before', () => composeCallbacks(plain, half())],
    ['after', () => composeCallbacks(half(), plain)],
  ])('%s a pruner works through composeCallbacks', async (_name, compose) => {
    const model = mlp();
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: compose()});
    expect(kernelZeros(model)).toEqual([12, 6]);
  });
});

describe('a disposed weight', () => {
  const DISPOSED =
    /^weight 'dense_1\/kernel.*': expected a weight in use, but got 'a disposed one'\.$/;

  it('is refused when training begins, and nothing is pruned', async () => {
    const model = mlp();
    model.layers[1].weights[0].dispose();
    const before = {kernel: kernel(model, 'dense_0'), tensors: tf.memory().numTensors};
    const pruner = half();
    pruner.setModel(model);
    const error = await pruner.onTrainBegin().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PruningError);
    expect((error as PruningError).message).toMatch(DISPOSED);
    expect({kernel: kernel(model, 'dense_0'), tensors: tf.memory().numTensors}).toEqual(before);
    expect(hooked(model)).toBe(false);
  });

  it('is named where it goes during training, and nothing more is pruned', async () => {
    const model = mlp();
    const pruner = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.75,
      beginStep: 0,
      endStep: 1,
    });
    pruner.setModel(model);
    await pruner.onTrainBegin();
    model.layers[1].weights[0].dispose();
    const before = kernel(model, 'dense_0');
    const step = () => tf.tidy(() => model.optimizer.applyGradients({}));
    const tensors = tf.memory().numTensors;
    expect(step).toThrow(DISPOSED);
    expect(kernel(model, 'dense_0')).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    stripPruning(model);
    expect(hooked(model)).toBe(false);
  });
});

describe('a refusal of a second callback', () => {
  it('leaves the first ready for another fit', async () => {
    const model = mlp();
    const {x, y} = data();
    const first = half({beginStep: 2});
    const callbacks = [first, half({layers: ['none']})];
    await expect(model.fit(x, y, {...QUIET, epochs: 1, callbacks})).rejects.toThrow(PruningError);
    expect(kernelZeros(model)).toEqual([0, 0]);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [first]});
    expect(kernelZeros(model)).toEqual([12, 6]);
    expect(hooked(model)).toBe(false);
  });
});

it('a probe that only looks changes nothing', async () => {
  const [one, other] = [mlp(), mlp()];
  const {x, y} = data();
  await one.fit(x, y, {...QUIET, epochs: 1});
  await other.fit(x, y, {...QUIET, epochs: 1, callbacks: [probe({})]});
  expect(weights(one)).toEqual(weights(other));
});

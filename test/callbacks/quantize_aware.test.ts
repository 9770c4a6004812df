import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

import {
  ConstantSparsity,
  DynamicSparsity,
  PolynomialDecay,
  PruningError,
  QuantizeAware,
  stripPruning,
  type QuantizeAwareArgs,
} from '../../lib';
import {affineGrid} from '../../lib/projection/rounding/affine_grid';
import {roundingOf} from '../../lib/projection/rounding/rounding';
import {
  QUIET,
  data,
  dataset,
  kernel,
  kernelZeros,
  loaded,
  mlp,
  probe,
  saved,
  setWeight,
  state,
  train,
  values,
  zeros,
} from '../setup/models';
import {Quadratic} from '../setup/quadratic';

/** How many different numbers. */
const distinct = (numbers: ArrayLike<number>) => new Set(Array.from(numbers)).size;

describe('a step', () => {
  it('rounds the weights, and adds to a dense copy', async () => {
    // Steps of 1 from −1 to 2, and targets toward which each step goes half of the
    // way from where the model is.
    const training = new Quadratic([-1, 2, 0.4, 0], [-1, 2, 0.9, -0.2]);
    const rows = await training.fit(4, [new QuantizeAware({dtype: 2})]);
    // The third: 0.4 → 0; 0.4 + 0.45 = 0.85 → 1; 0.85 − 0.05 = 0.8 → 1; 0.75 → 1.
    // The fourth: 0 → 0; −0.1 → 0; −0.2 → 0; −0.3 → 0; −0.4 → 0
    expect(rows).toEqual([
      [-1, 2, 0, 0],
      [-1, 2, 1, 0],
      [-1, 2, 1, 0],
      [-1, 2, 1, 0],
      [-1, 2, 1, 0],
    ]);
    stripPruning(training.model);
  });

  it('would get nowhere without the dense copy', async () => {
    // 0.3 a step of toward 0.6 from 0: two of three steps are below half.
    const training = new Quadratic([-1, 2, 0, 0], [-1, 2, 0.6, 0]);
    const rows = await training.fit(3, [new QuantizeAware({dtype: 2})]);
    // Dense: 0, 0.3, 0.6, 0.4
    expect(rows.map((row) => row[2])).toEqual([0, 0, 1, 0]);
    stripPruning(training.model);
  });

  const optimizers: [string, () => tf.Optimizer][] = [
    ['sgd', () => tf.train.sgd(0.1)],
    ['momentum', () => tf.train.momentum(0.1, 0.9)],
    ['adam', () => tf.train.adam(0.05)],
  ];

  it.each(optimizers)('adds what %s does to the dense copy', async (_name, make) => {
    const optimizer = make();
    const model = mlp({optimizer, units: [2]});
    const {variable} = {variable: model.layers[0].weights[0]};
    let dense = values(variable);
    // What the optimizer writes, before it is rounded.
    let written: Float32Array | null = null;
    const weight = variable.read() as tf.Variable;
    const assign = weight.assign.bind(weight);
    weight.assign = (value) => {
      written ??= values(value);
      assign(value);
    };
    const step = optimizer.applyGradients.bind(optimizer);
    optimizer.applyGradients = (gradients) => {
      const before = values(variable);
      written = null;
      step(gradients as tf.NamedTensorMap);
      dense = written!.map((value, i) => dense[i] + value - before[i]);
    };
    const compare = async () => {
      const {scale, zeroPoint} = affineGrid(Math.min(...dense), Math.max(...dense), 15);
      values(variable).forEach((value, i) => {
        const q = Math.round(dense[i] / scale);
        const wanted = Math.min(Math.max(q, -zeroPoint), 15 - zeroPoint) * scale;
        // Halfway it may go either way, as sums differ in the last bit.
        const isHalfway = Math.abs(Math.abs(dense[i] / scale - q) - 0.5) < 1e-3;
        expect(Math.abs(value - wanted)).toBeLessThan(isHalfway ? scale * 1.01 : 1e-5);
      });
    };
    const {x, y} = data();
    const callbacks = [new QuantizeAware({dtype: 4}), probe({onBatchEnd: compare})];
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    expect(distinct(values(variable))).toBeLessThan(9);
    stripPruning(model);
  });
});

describe('weights', () => {
  it.each<[QuantizeAwareArgs, number]>([
    [{}, 256],
    [{dtype: 'uint8'}, 256],
    [{dtype: 2}, 4],
    [{dtype: 4}, 16],
    [{dtype: 'uint16'}, 65536],
  ])('have the values of %j', async (args, most) => {
    const model = mlp({optimizer: tf.train.adam(0.05), inputs: 40, units: [50, 2]});
    const {x, y} = data(40, 40);
    const counts: number[] = [];
    const count = async () => void counts.push(distinct(kernel(model, 'dense_0')));
    const callbacks = [
      new QuantizeAware(args),
      probe({onTrainBegin: count, onBatchEnd: count, onTrainEnd: count}),
    ];
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    counts.forEach((each) => expect(each).toBeLessThanOrEqual(most));
    expect(counts.at(-1)).toBeGreaterThan(Math.min(most / 4, 1000));
    // The biases are left alone.
    expect(distinct(values(model.layers[0].weights[1]))).toBeGreaterThan(40);
    stripPruning(model);
  });

  it('have a grid for each channel', async () => {
    const model = mlp({inputs: 3, units: [2], optimizer: tf.train.sgd(0)});
    setWeight(model.layers[0], 0, [1, 0.1, 0.4, 0.04, 3, 0.3]);
    const {x, y} = data(10, 3);
    const callbacks = [new QuantizeAware({dtype: 2, perChannel: true})];
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    const after = kernel(model, 'dense_0');
    [1, 0.1, 0, 0, 3, 0.3].forEach((value, i) => expect(after[i]).toBeCloseTo(value, 6));
    stripPruning(model);
  });

  it('are rounded from beginStep on, in the layers that are named', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05), units: [12, 2]});
    const {x, y} = data();
    const counts: number[][] = [];
    const count = async () =>
      void counts.push(['dense_0', 'dense_1'].map((name) => distinct(kernel(model, name))));
    const quantizer = new QuantizeAware({dtype: 2, beginStep: 3, layers: ['dense_0']});
    await model.fit(x, y, {
      ...QUIET,
      epochs: 1,
      callbacks: [quantizer, probe({onBatchEnd: count})],
    });
    counts.forEach(([first, second], i) => {
      expect(first <= 4).toBe(i >= 2);
      expect(second).toBe(24);
    });
    stripPruning(model);
  });

  it('are seen by validation', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05)});
    const {x, y} = data();
    const losses: number[] = [];
    const onEpochEnd = async () => {
      const loss = model.evaluate(x, y, {batchSize: 40}) as tf.Scalar;
      losses.push(loss.dataSync()[0]);
    };
    const {history} = await model.fit(x, y, {
      ...QUIET,
      epochs: 2,
      validationData: [x, y],
      callbacks: [new QuantizeAware({dtype: 3}), probe({onEpochEnd})],
    });
    losses.forEach((loss, i) => expect(history.val_loss[i]).toBeCloseTo(loss, 5));
    stripPruning(model);
  });

  it('are what a file of tfjs with the same quantization holds', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05), inputs: 30, units: [20, 2]});
    const {x, y} = data(40, 30);
    const callbacks = [
      new ConstantSparsity({targetSparsity: 0.6, beginStep: 0}),
      new QuantizeAware(),
    ];
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
    stripPruning(model);
    const artifacts = await saved(model);
    const bytes: number[] = [];
    const weightSpecs = model.weights.map((variable) => {
      const numbers = values(variable);
      const {scale, zeroPoint} = affineGrid(Math.min(...numbers), Math.max(...numbers), 255);
      numbers.forEach((value) => bytes.push(Math.round(value / scale) + zeroPoint));
      return {
        name: variable.originalName,
        shape: variable.shape as number[],
        dtype: 'float32' as const,
        quantization: {dtype: 'uint8' as const, scale, min: -zeroPoint * scale},
      };
    });
    const weightData = Uint8Array.from(bytes).buffer;
    const again = await loaded({...artifacts, weightSpecs, weightData});
    ['dense_0', 'dense_1'].forEach((name) => {
      const before = kernel(model, name);
      kernel(again, name).forEach((value, i) => {
        expect(Math.abs(value - before[i])).toBeLessThanOrEqual(2e-7 * Math.abs(before[i]));
      });
    });
    expect(kernelZeros(again)).toEqual(kernelZeros(model));
  });
});

describe('with pruning', () => {
  const half = () => new ConstantSparsity({targetSparsity: 0.5, beginStep: 0});
  const gradual = () =>
    new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.75,
      beginStep: 0,
      endStep: 8,
      frequency: 2,
    });
  const rigl = () =>
    new DynamicSparsity({method: 'rigl', sparsity: 0.5, endStep: 12, frequency: 2});
  const surgery = () =>
    new DynamicSparsity({
      method: 'surgery',
      initialSparsity: 0.5,
      finalSparsity: 0.5,
      beginStep: 0,
      endStep: 12,
      frequency: 2,
    });

  it.each<[string, (quantizer: tfl.Callback) => tfl.Callback[], number]>([
    ['after ConstantSparsity', (quantizer) => [half(), quantizer], 0.5],
    ['before ConstantSparsity', (quantizer) => [quantizer, half()], 0.5],
    ['after PolynomialDecay', (quantizer) => [gradual(), quantizer], 0.75],
    ['before PolynomialDecay', (quantizer) => [quantizer, gradual()], 0.75],
    ['after RigL', (quantizer) => [rigl(), quantizer], 0.5],
    ['after surgery', (quantizer) => [surgery(), quantizer], 0.5],
  ])('%s, pruned weights are exactly zero and the others rounded', async (_how, list, sparsity) => {
    const model = mlp({optimizer: tf.train.adam(0.05), inputs: 20, units: [30, 2]});
    const {x, y} = data(40, 20);
    const check = async () => {
      const numbers = kernel(model, 'dense_0');
      expect(distinct(numbers)).toBeLessThanOrEqual(16);
      expect(zeros(numbers)).toBeGreaterThan(130);
    };
    const callbacks = [...list(new QuantizeAware({dtype: 4})), probe({onBatchEnd: check})];
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    stripPruning(model);
    const numbers = kernel(model, 'dense_0');
    // Rounding makes zeros of its own.
    expect(zeros(numbers)).toBeGreaterThanOrEqual(sparsity * 600);
    expect(Array.from(numbers).some((value) => Object.is(value, -0))).toBe(false);
  });

  it('keeps what surgery brings back', async () => {
    const weights = async (callbacks: tfl.Callback[]) => {
      const training = new Quadratic([3, -2, 0.5, 0.4], [0, -2, 3, 0.4]);
      const rows = await training.fit(1, callbacks);
      stripPruning(training.model);
      return rows;
    };
    const eachStep = () =>
      new DynamicSparsity({
        method: 'surgery',
        initialSparsity: 0.5,
        finalSparsity: 0.5,
        beginStep: 0,
        endStep: 1,
        frequency: 1,
      });
    // Dense after the step: 1.5, −2, 0.5 + 1.5 and 0.4 + 0.2; of 16 bits.
    const rows = await weights([eachStep(), new QuantizeAware({dtype: 'uint16'})]);
    [0, -2, 2, 0].forEach((value, i) => expect(rows[1][i]).toBeCloseTo(value, 3));
  });
});

describe('training goes on', () => {
  it('in a second fit as in one', async () => {
    const run = async (epochs: number[]) => {
      const training = new Quadratic([-1, 2, 0, 0.3], [-1, 2, 0.6, 0.2]);
      const quantizer = new QuantizeAware({dtype: 2});
      const rows: number[][] = [];
      for (const each of epochs) {
        rows.push(...(await training.fit(each, [quantizer])).slice(1));
      }
      stripPruning(training.model);
      return rows;
    };
    expect(await run([1, 2, 2])).toEqual(await run([5]));
  });

  it('by hand, from a dataset, and with another quantizer', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05)});
    const first = new QuantizeAware({dtype: 4});
    first.setModel(model);
    await first.onTrainBegin();
    await train(model, 3);
    await first.onTrainEnd();
    expect(distinct(kernel(model, 'dense_0'))).toBeLessThanOrEqual(16);
    const {variable} = {variable: model.layers[0].weights[0]};
    const rounding = roundingOf(variable);
    const callbacks = [new QuantizeAware({dtype: 3})];
    await model.fitDataset(dataset(), {epochs: 1, verbose: 0, callbacks});
    expect(roundingOf(variable)).not.toBe(rounding);
    expect(distinct(kernel(model, 'dense_0'))).toBeLessThanOrEqual(8);
    stripPruning(model);
    expect(roundingOf(variable)).toBeUndefined();
  });

  it('with as many tensors as without, after stripPruning', async () => {
    const left = async (callbacks: tfl.Callback[]) => {
      const model = mlp({optimizer: tf.train.adam(0.05)});
      const before = tf.memory().numTensors;
      const {x, y} = data();
      for (let i = 0; i < 3; ++i) {
        await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
      }
      tf.dispose([x, y]);
      stripPruning(model);
      return tf.memory().numTensors - before;
    };
    expect(await left([new QuantizeAware({beginStep: 2})])).toBe(await left([]));
  });
});

describe('refuses', () => {
  it.each<[string, object, string]>([
    ['one bit', {dtype: 1}, 'dtype'],
    ['17 bits', {dtype: 17}, 'dtype'],
    ['half a bit', {dtype: 2.5}, 'dtype'],
    ['another type', {dtype: 'float16'}, 'dtype'],
    ['no boolean', {perChannel: 1}, 'perChannel'],
    ['a map of sparsities', {layers: {dense_0: 0.5}}, 'layers'],
    ['a step before the first', {beginStep: -1}, 'beginStep'],
    ['an unknown option', {bits: 8}, 'QuantizeAware'],
  ])('%s', (_what, args, argument) => {
    const make = () => new QuantizeAware(args as QuantizeAwareArgs);
    expect(make).toThrow(PruningError);
    expect(make).toThrow(`${argument}: expected`);
  });

  it('an unknown layer and a NaN, and leaves the model as it was', async () => {
    const model = mlp();
    const {x, y} = data();
    const before = state(model);
    const fit = (args: QuantizeAwareArgs) =>
      model.fit(x, y, {...QUIET, epochs: 1, callbacks: [new QuantizeAware(args)]});
    await expect(fit({layers: ['conv']})).rejects.toThrow(/^layers: expected/);
    expect(state(model)).toEqual(before);
    setWeight(model.layers[0], 0, new Array<number>(24).fill(NaN));
    const spoilt = state(model);
    await expect(fit({})).rejects.toThrow("weight 'dense_0/kernel' at step 0");
    expect(state(model)).toEqual(spoilt);
  });

  it('to go on with a NaN', async () => {
    const model = mlp({optimizer: tf.train.sgd(1e30)});
    const {x, y} = data();
    const callbacks = [new QuantizeAware()];
    const fit = model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    await expect(fit).rejects.toThrow(/^weight 'dense_[01]\/kernel' at step \d+: expected finite/);
    stripPruning(model);
  });
});

it('begins after epochs', async () => {
  const model = mlp();
  const {x, y} = data();
  const counts: number[] = [];
  const onBatchEnd = async () => void counts.push(new Set(kernel(model, 'dense_0')).size);
  const callbacks = [
    new QuantizeAware({dtype: 2, beginStep: 1, unit: 'epoch'}),
    probe({onBatchEnd}),
  ];
  await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
  expect(counts.slice(0, 3).every((count) => count > 4)).toBe(true);
  expect(counts.slice(3).every((count) => count <= 4)).toBe(true);
  stripPruning(model);
});

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {DynamicSparsity, stripPruning, type SparseTrainingArgs} from '../../lib';
import {maskOf} from '../../lib/projection/mask';
import {erkSparsities} from '../../lib/weights/erk';
import {
  QUIET,
  data,
  kernelZeros,
  loaded,
  mlp,
  probe,
  saved,
  train,
  values,
  weights,
} from '../setup/models';
import {Quadratic} from '../setup/quadratic';

/** Half of the weights, moved at each second step. */
const sparse = (args: Partial<SparseTrainingArgs> = {}) =>
  new DynamicSparsity({
    method: 'rigl',
    sparsity: 0.5,
    endStep: 40,
    frequency: 2,
    ...args,
  });

const methods = ['rigl', 'set'] as const;

describe('RigL', () => {
  // From 6 weights, the smallest three go at first; gradients are (w − target)/3.
  const start = [5, -4, 3, 0.2, 0.1, 0.3];
  const targets = [5, -4, 3, 2, -8, 4];
  const args = {criterion: 'magnitude', alpha: 0.9, frequency: 1, endStep: 8} as const;

  it('drops the smallest weight and grows the one of the largest gradient, in the same step', async () => {
    const training = new Quadratic(start, targets);
    // f(1) = 0.45·(1 + cos(π/6)) = 0.84, f(2) = 0.68: 2 of 3 move; f(3) = 0.45: 1; f(4) = 0.22: 0.
    const rows = await training.fit(4, [sparse({...args})]);
    expect(rows).toEqual([
      [5, -4, 3, 0, 0, 0],
      // −4 and 3 go, those to −8 and 4 come back and go half of the way.
      [5, 0, 0, 0, -4, 2],
      // 2 and −4 go, −4 comes back at once: its gradient is as large as that of the second.
      [5, -2, 0, 0, -6, 0],
      [5, 0, 0, 0, -7, 2],
      [5, 0, 0, 0, -7.5, 3],
    ]);
    stripPruning(training.model);
  });

  it('moves ever fewer, and none after stopStep', async () => {
    const training = new Quadratic(start, targets);
    const masks: number[][] = [];
    const note = async () => void masks.push([...values(maskOf(training.variable)!)]);
    await training.fit(8, [sparse({...args}), probe({onBatchEnd: note})]);
    const stop = 6;
    masks.slice(stop - 1).forEach((mask) => expect(mask).toEqual(masks[stop - 1]));
    stripPruning(training.model);
  });

  it('updates from the begin to three quarters of the way', () => {
    const steps = (extra: Partial<SparseTrainingArgs>) => {
      const pruner = sparse({beginStep: 10, endStep: 30, frequency: 5, ...extra});
      return [...Array(40).keys()].filter((step) => pruner.isUpdateStep(step));
    };
    expect(steps({})).toEqual([10, 15, 20, 25]);
    expect(steps({stopStep: 17})).toEqual([10, 15, 17]);
  });

  it('leaves the masks of weights that are not trained', async () => {
    const model = mlp();
    model.layers[0].trainable = false;
    model.compile({optimizer: tf.train.adam(0.1), loss: 'meanSquaredError'});
    const {x, y} = data();
    const masks = [0, 1].map((): string[] => []);
    const note = async () =>
      masks.forEach((list, i) => list.push(values(maskOf(model.layers[i].weights[0])!).join()));
    await model.fit(x, y, {
      ...QUIET,
      epochs: 3,
      callbacks: [sparse({layers: ['dense_0', 'dense_1']}), probe({onBatchEnd: note})],
    });
    expect(new Set(masks[0]).size).toBe(1);
    expect(new Set(masks[1]).size).toBeGreaterThan(1);
    stripPruning(model);
  });
});

describe.each(methods)('%s', (method) => {
  const optimizers: [string, () => tf.Optimizer][] = [
    ['sgd', () => tf.train.sgd(0.1)],
    ['momentum', () => tf.train.momentum(0.1, 0.9)],
    ['adam', () => tf.train.adam(0.05)],
    ['rmsprop', () => tf.train.rmsprop(0.05)],
  ];

  it.each(optimizers)('has the same zeros after each step of %s', async (_name, optimizer) => {
    const model = mlp({optimizer: optimizer(), units: [7, 5, 2]});
    const {x, y} = data();
    const zeros: number[][] = [];
    const masks = new Set<string>();
    const note = async () => {
      zeros.push(kernelZeros(model));
      masks.add(values(maskOf(model.layers[0].weights[0])!).join());
    };
    const callbacks = [
      sparse({method, sparsity: 0.7}),
      probe({onTrainBegin: note, onBatchEnd: note}),
    ];
    await model.fit(x, y, {...QUIET, epochs: 10, callbacks});
    // round(0.7·28), round(0.7·35), 7
    expect(zeros).toEqual(Array(41).fill([20, 25, 7]));
    expect(masks.size).toBeGreaterThan(3);
    stripPruning(model);
    expect(kernelZeros(model)).toEqual([20, 25, 7]);
  });

  it('moves f(t) of the kept weights while step t is made', async () => {
    const model = mlp({optimizer: tf.train.adam(0.2), inputs: 30, units: [40, 2]});
    const {x, y} = data(40, 30);
    const masks: Float32Array[] = [];
    const note = async () => void masks.push(values(maskOf(model.layers[0].weights[0])!));
    const callbacks = [sparse({method}), probe({onTrainBegin: note, onBatchEnd: note})];
    await model.fit(x, y, {...QUIET, epochs: 10, callbacks});
    masks.slice(1).forEach((mask, i) => {
      const step = i + 1;
      const gone = mask.filter((value, k) => value < masks[i][k]).length;
      const moves = Math.floor(600 * 0.15 * (1 + Math.cos((Math.PI * step) / 30)));
      if (step % 2 === 1 || step > 30) {
        expect(gone).toBe(0);
      } else {
        // Some of those that go come back at once.
        expect(gone).toBeLessThanOrEqual(moves);
        expect(gone).toBeGreaterThanOrEqual(Math.floor(0.4 * moves));
      }
    });
    stripPruning(model);
  });

  it('spreads the zeros by ERK', async () => {
    const model = mlp({optimizer: 'adam', inputs: 20, units: [20, 5]});
    const {x, y} = data(40, 20, 5);
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [sparse({method, scope: 'erk'})]});
    const shapes = [
      [20, 20],
      [20, 5],
    ];
    const wanted = erkSparsities(shapes, 0.5).map((sparsity, i) =>
      Math.round(sparsity * shapes[i][0] * shapes[i][1]),
    );
    expect(kernelZeros(model)).toEqual(wanted);
    stripPruning(model);
  });

  it('is the same for the same seed', async () => {
    const run = async (seed: number) => {
      const model = mlp({optimizer: 'adam'});
      const {x, y} = data();
      await model.fit(x, y, {...QUIET, epochs: 3, callbacks: [sparse({method, seed})]});
      stripPruning(model);
      return weights(model);
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it('goes on from the zeros of a model that was saved', async () => {
    const model = mlp({optimizer: 'adam'});
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [sparse({method})]});
    stripPruning(model);
    const again = await loaded(await saved(model));
    again.compile({optimizer: 'adam', loss: 'meanSquaredError'});
    const before = kernelZeros(again);
    const places = values(again.layers[0].weights[0]).map((value) => Number(value !== 0));
    const starts: Float32Array[] = [];
    const note = async () => void starts.push(values(maskOf(again.layers[0].weights[0])!));
    const callbacks = [sparse({method, resume: true}), probe({onTrainBegin: note})];
    await again.fit(x, y, {...QUIET, epochs: 3, callbacks});
    expect(starts).toEqual([places]);
    expect(kernelZeros(again)).toEqual(before);
    stripPruning(again);
  });

  it('works in a loop over trainOnBatch', async () => {
    const model = mlp({optimizer: 'adam'});
    const pruner = sparse({method});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    const masks = new Set<string>();
    for (let step = 0; step < 10; ++step) {
      await train(model, 1);
      expect(kernelZeros(model)).toEqual([12, 6]);
      masks.add(values(maskOf(model.layers[0].weights[0])!).join());
    }
    await pruner.onTrainEnd();
    stripPruning(model);
    expect(masks.size).toBeGreaterThan(1);
  });
});

describe('weights that come back', () => {
  /** What the grown weights of a kernel of 2 by 3 start from, at a learning rate of 0. */
  async function starts(
    regrow: SparseTrainingArgs['regrow'],
    kernelInitializer: tfl.layers.Layer | string = 'ones',
    seed = 1,
  ): Promise<number[]> {
    const model = mlp({
      inputs: 2,
      units: [3],
      optimizer: tf.train.sgd(0),
      dense: {kernelInitializer: kernelInitializer as 'ones'},
    });
    const kernel = model.layers[0].weights[0];
    const given = tf.tensor2d([5, 0.1, 7, 0.2, 3, 6], [2, 3]);
    kernel.write(given);
    const {x, y} = data(10, 2, 3);
    const pruner = sparse({
      ...{method: 'set', criterion: 'magnitude', alpha: 0.9, frequency: 1, endStep: 400, seed},
      sparsity: 1 / 3,
      regrow,
    });
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    stripPruning(model);
    return [...values(kernel)];
  }

  it('start from zero', async () => {
    // 3 of 4 move: 7 stays.
    const after = await starts('zero');
    expect(after[2]).toBe(7);
    const kept = [5, 0, 7, 0, 3, 6];
    after.forEach((value, i) => expect([0, kept[i]]).toContain(value));
  });

  it('start from the mean of the kept weights of their row', async () => {
    // The rows' means before the move: (5 + 7)/2 and (3 + 6)/2.
    const [, second, , fourth] = await starts('inherited');
    expect([0, 6]).toContain(second);
    expect([0, 4.5]).toContain(fourth);
    expect(Math.max(second, fourth)).toBeGreaterThan(0);
  });

  it('start from the initializer of the layer, by the seed', async () => {
    const [, second, , fourth] = await starts('random');
    expect([0, 1]).toContain(second);
    expect([0, 1]).toContain(fourth);
    expect(Math.max(second, fourth)).toBe(1);
    expect(await starts('random', 'glorotUniform', 1)).toEqual(
      await starts('random', 'glorotUniform', 1),
    );
    expect(await starts('random', 'glorotUniform', 1)).not.toEqual(
      await starts('random', 'glorotUniform', 2),
    );
  });
});

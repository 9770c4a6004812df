import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

import {
  ConstantSparsity,
  DynamicSparsity,
  stripPruning,
  type ScheduledSurgeryArgs,
  type ThresholdSurgeryArgs,
} from '../../lib';
import {denseOf, maskOf} from '../../lib/projection/mask';
import {QUIET, data, kernelZeros, loaded, mlp, probe, saved, train, values} from '../setup/models';
import {Quadratic} from '../setup/quadratic';

/** Half of the weights from the begin on, updated after each step. */
const surgery = (args: Partial<ScheduledSurgeryArgs> = {}) =>
  new DynamicSparsity({
    method: 'surgery',
    initialSparsity: 0.5,
    finalSparsity: 0.5,
    beginStep: 0,
    endStep: 100,
    frequency: 1,
    ...args,
  });

/** What a test that ends early is warned of. */
let warn: jest.SpyInstance;
beforeEach(() => (warn = jest.spyOn(console, 'warn').mockImplementation()));
afterEach(() => warn.mockRestore());

it('has ended where weights come back no more', async () => {
  const model = mlp();
  const {x, y} = data(40);
  const pruner = surgery({endStep: 2, stopStep: 3});
  const ended: boolean[] = [];
  const note = async () => void ended.push(pruner.hasEnded);
  for (let fit = 0; fit < 2; ++fit) {
    const callbacks = [pruner, probe({onBatchEnd: note})];
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
  }
  expect(ended).toEqual([false, false, true, true, true, true, true, true]);
  stripPruning(model);
});

describe('weights come back', () => {
  it('by the dense copy, which goes half of the way to the targets from where the model is', async () => {
    const training = new Quadratic([1, -2, 0.3, 0.4], [0.2, -2, 2, 0.4]);
    // After the first step the dense copy is [0.6, -2, 0.3 + 1, 0.4 + 0.2], and
    // after the second [0.6 + 0.1, -2, 1.65, 0.6 + 0.2].
    expect(await training.fit(2, [surgery()])).toEqual([
      [1, -2, 0, 0],
      [0, -2, 1.3, 0],
      [0, -2, 1.65, 0],
    ]);
    const dense = [...denseOf(training.variable).dataSync()];
    [0.7, -2, 1.65, 0.8].forEach((value, i) => expect(dense[i]).toBeCloseTo(value, 5));
    stripPruning(training.model);
  });

  it('only where they are larger by the margin', async () => {
    // The dense copy after one step is [0.6, -2, 1.3, 0.6]: 1.3 against 0.6.
    const after = async (margin: number) => {
      const training = new Quadratic([1, -2, 0.3, 0.4], [0.2, -2, 2, 0.4]);
      const rows = await training.fit(1, [surgery({margin})]);
      stripPruning(training.model);
      return rows[1];
    };
    // 0.6/(1 − margin) against 1.3/(1 + margin): equal at 0.7/1.9 = 0.368.
    expect(await after(0.36)).toEqual([0, -2, 1.3, 0]);
    expect(await after(0.38)).toEqual([0.6, -2, 0, 0]);
  });

  it('until stopStep, at a sparsity that was reached at endStep', async () => {
    const pruner = surgery({beginStep: 2, endStep: 5, stopStep: 12, frequency: 2});
    const updates = [...Array(20).keys()].filter((step) => pruner.isUpdateStep(step));
    expect(updates).toEqual([2, 4, 5, 6, 8, 10, 12]);
    expect([1, 2, 5, 12, 13].map((step) => pruner.sparsityAt(step))).toEqual([
      0, 0.5, 0.5, 0.5, 0.5,
    ]);
  });

  it('across layers with the scope global', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05)});
    const {x, y} = data();
    const zeros: number[][] = [];
    const note = async () => void zeros.push(kernelZeros(model));
    const callbacks = [surgery({scope: 'global'}), probe({onBatchEnd: note})];
    await model.fit(x, y, {...QUIET, epochs: 4, callbacks});
    zeros.forEach(([first, second]) => expect(first + second).toBe(18));
    expect(new Set(zeros.map(([first]) => first)).size).toBeGreaterThan(1);
    stripPruning(model);
  });
});

it.each<[string, Partial<ScheduledSurgeryArgs>, (row: number[]) => boolean]>([
  // Rows of 6: three blocks each.
  [
    'blocks',
    {structure: {block: [1, 2]}},
    (row) => [0, 2, 4].every((at) => row[at] === row[at + 1]),
  ],
  ['two of four', {structure: {n: 2, m: 4}}, () => true],
])('moves %s as a whole', async (_what, args, isWhole) => {
  const model = mlp({optimizer: tf.train.adam(0.1)});
  const {x, y} = data();
  const masks = new Set<string>();
  const note = async () => {
    const mask = [...values(maskOf(model.layers[0].weights[0])!)];
    const rows = [0, 6, 12, 18].map((at) => mask.slice(at, at + 6));
    expect(rows.every(isWhole)).toBe(true);
    expect(kernelZeros(model)[0]).toBe(12);
    if ('n' in args.structure!) {
      rows[0].forEach((_, column) => {
        expect(rows.reduce((sum, row) => sum + row[column], 0)).toBe(2);
      });
    }
    masks.add(mask.join());
  };
  const callbacks = [surgery(args), probe({onBatchEnd: note})];
  await model.fit(x, y, {...QUIET, epochs: 4, callbacks});
  expect(masks.size).toBeGreaterThan(1);
  stripPruning(model);
});

describe('the dense copy', () => {
  const optimizers: [string, () => tf.Optimizer][] = [
    ['sgd', () => tf.train.sgd(0.1)],
    ['momentum', () => tf.train.momentum(0.1, 0.9)],
    ['adagrad', () => tf.train.adagrad(0.1)],
    ['adadelta', () => tf.train.adadelta(1)],
    ['adam', () => tf.train.adam(0.05)],
    ['adamax', () => tf.train.adamax(0.05)],
    ['rmsprop', () => tf.train.rmsprop(0.05)],
  ];

  it.each(optimizers)('is after + dense·(1 − mask) after each step of %s', async (_name, make) => {
    const optimizer = make();
    const model = mlp({optimizer});
    const variables = [model.layers[0].weights[0], model.layers[1].weights[0]];
    const denses = () => variables.map((variable) => values(denseOf(variable)));
    let wanted: Float32Array[] = [];
    // What the optimizer writes, before it is masked.
    const after: Float32Array[] = [];
    variables.forEach((variable, k) => {
      const weight = variable.read() as tf.Variable;
      const assign = weight.assign.bind(weight);
      weight.assign = (value) => {
        after[k] ??= values(value);
        assign(value);
      };
    });
    const step = optimizer.applyGradients.bind(optimizer);
    optimizer.applyGradients = (gradients) => {
      const masks = variables.map((variable) => values(maskOf(variable)!));
      const before = denses();
      after.length = 0;
      step(gradients as tf.NamedTensorMap);
      wanted = after.map((numbers, k) =>
        numbers.map((value, i) => value + before[k][i] * (1 - masks[k][i])),
      );
    };
    let steps = 0;
    const compare = async () => {
      ++steps;
      expect(denses()).toEqual(wanted);
      variables.forEach((variable, k) => {
        const mask = values(maskOf(variable)!);
        expect(values(variable)).toEqual(wanted[k].map((value, i) => value * mask[i]));
      });
    };
    const {x, y} = data();
    const callbacks = [surgery({frequency: 3}), probe({onBatchEnd: compare})];
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    expect(steps).toBe(12);
    stripPruning(model);
  });

  it('takes up what the optimizer does where another callback masks first', async () => {
    const alone = new Quadratic([1, -2, 0.3, 0.4], [0.2, -2, 2, 0.4]);
    const rows = await alone.fit(3, [surgery({frequency: 3})]);
    const both = new Quadratic([1, -2, 0.3, 0.4], [0.2, -2, 2, 0.4]);
    const first = new ConstantSparsity({targetSparsity: 0, beginStep: 0});
    expect(await both.fit(3, [first, surgery({frequency: 3})])).toEqual(rows);
    expect(rows[3][2]).not.toBe(0);
    [alone, both].forEach(({model}) => stripPruning(model));
  });

  it('goes with the mask', async () => {
    const model = mlp();
    const before = tf.memory().numTensors;
    const pruner = surgery();
    pruner.setModel(model);
    await pruner.onTrainBegin();
    // A mask and a copy of each of two kernels.
    expect(tf.memory().numTensors).toBe(before + 4);
    await pruner.onTrainEnd();
    stripPruning(model);
    expect(tf.memory().numTensors).toBe(before);
    expect(kernelZeros(model)).toEqual([12, 6]);
  });
});

describe('a cut by the spread of magnitudes', () => {
  const byRate = (rate: number, args: Partial<ThresholdSurgeryArgs> = {}) =>
    new DynamicSparsity({
      method: 'surgery',
      threshold: {rate},
      beginStep: 0,
      endStep: 100,
      frequency: 1,
      ...args,
    });
  /** The weights that one update without a step leaves. */
  async function pruned(weights: number[], pruner: DynamicSparsity): Promise<number[]> {
    const training = new Quadratic(weights, weights);
    const rows = await training.fit(1, [pruner]);
    stripPruning(training.model);
    return rows[0];
  }

  it('is mean + rate·deviation of a layer', async () => {
    // Mean 2, deviation 1.
    expect(await pruned([1, -1, 3, -3], byRate(-1.01, {margin: 0}))).toEqual([1, -1, 3, -3]);
    expect(await pruned([1, -1, 3, -3], byRate(-0.99, {margin: 0}))).toEqual([0, 0, 3, -3]);
    expect(await pruned([1, -1, 3, -3], byRate(0.99, {margin: 0}))).toEqual([0, 0, 3, -3]);
  });

  it('keeps the largest weight', async () => {
    expect(await pruned([1, -1, 3, -4], byRate(9))).toEqual([0, 0, 0, -4]);
  });

  it('leaves what is between the cuts as it was', async () => {
    // t = 2: 1.7 is between 1.6 and 2.4, and stays; below 1.8 it goes.
    expect(await pruned([1, 1.7, 2.3, 3], byRate(0, {margin: 0.2}))).toEqual([0, 1.7, 2.3, 3]);
    expect(await pruned([1, 1.7, 2.3, 3], byRate(0, {margin: 0.1}))).toEqual([0, 0, 2.3, 3]);
    // Only 1 goes at first. The dense copy is [2, 1.5, 5, 1 + 4] after one step:
    // t = 3.375, and the cuts 1.72 and 5.03.
    const training = new Quadratic([4, 3, 2, 1], [0, 0, 8, 8]);
    const rows = await training.fit(1, [byRate(0, {margin: 0.49})]);
    expect(rows[1]).toEqual([2, 0, 5, 0]);
    stripPruning(training.model);
  });

  it('follows the weights, and reports the sparsity', async () => {
    const training = new Quadratic([4, 3, 2, 1], [0, 0, 8, 8]);
    const sparsities: number[] = [];
    const onEpochEnd = async (_: number, logs?: {sparsity?: number}) =>
      void sparsities.push(logs!.sparsity!);
    // The dense copy: t = 2.5: [4, 3, 0, 0]; then [2, 1.5, 2 + 4, 1 + 4] with
    // t = 3.625: the first two go, the others come back.
    const rows = await training.fit(1, [byRate(0), probe({onEpochEnd} as Partial<tfl.Callback>)]);
    expect(rows).toEqual([
      [4, 3, 0, 0],
      [0, 0, 6, 5],
    ]);
    expect(sparsities).toEqual([0.5]);
    stripPruning(training.model);
  });
});

describe('annealing', () => {
  const updates = (args: Partial<ScheduledSurgeryArgs>) => {
    const pruner = surgery({beginStep: 10, endStep: 4010, ...args});
    return [...Array(4100).keys()].filter((step) => pruner.isUpdateStep(step));
  };

  it('makes all updates unless told', () => {
    expect(updates({})).toHaveLength(4001);
  });

  it('makes ever fewer, the first and the last among them', () => {
    const made = updates({annealing: 0.01});
    expect(made[0]).toBe(10);
    expect(made.at(-1)).toBe(4010);
    // Σ 1/(1 + 0.01·t) is 100·ln 11 over the first thousand steps, and 100·ln(41/31) over the last.
    const share = (from: number, to: number) =>
      made.filter((step) => step >= from && step < to).length;
    expect(share(10, 1010)).toBeGreaterThan(200);
    expect(share(10, 1010)).toBeLessThan(280);
    expect(share(3010, 4010)).toBeGreaterThan(10);
    expect(share(3010, 4010)).toBeLessThan(48);
  });

  it('is the same for the same seed', () => {
    expect(updates({annealing: 0.01, seed: 3})).toEqual(updates({annealing: 0.01, seed: 3}));
    expect(updates({annealing: 0.01, seed: 3})).not.toEqual(updates({annealing: 0.01, seed: 4}));
  });
});

describe('training goes on', () => {
  it('in a second fit as in one', async () => {
    const run = async (epochs: number[]) => {
      const training = new Quadratic([1, -2, 0.3, 0.4], [0.2, -2, 2, 0.4]);
      const pruner = surgery({frequency: 3});
      const rows: number[][][] = [];
      for (const each of epochs) {
        rows.push(await training.fit(each, [pruner]));
      }
      stripPruning(training.model);
      return rows.at(-1)!.at(-1);
    };
    expect(await run([2, 2, 2])).toEqual(await run([6]));
  });

  it('from the zeros of a model that was saved', async () => {
    const model = mlp();
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [surgery()]});
    stripPruning(model);
    const again = await loaded(await saved(model));
    again.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const zeros: number[][] = [];
    const note = async () => void zeros.push(kernelZeros(again));
    // 0.5 from the fifth step on, and 0.75 at the tenth.
    const pruner = surgery({
      ...{initialSparsity: 0.25, finalSparsity: 0.75, power: 1},
      ...{endStep: 10, resume: true},
    });
    const callbacks = [pruner, probe({onTrainBegin: note, onBatchEnd: note})];
    await again.fit(x, y, {...QUIET, epochs: 3, callbacks});
    expect(zeros.slice(0, 6)).toEqual(Array(6).fill([12, 6]));
    expect(zeros.slice(10)).toEqual(Array(3).fill([18, 9]));
    stripPruning(again);
  });

  it('in a loop over trainOnBatch', async () => {
    const model = mlp({optimizer: tf.train.adam(0.1)});
    const pruner = surgery();
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

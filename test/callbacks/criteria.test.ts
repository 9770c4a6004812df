import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import {
  ConstantSparsity,
  PolynomialDecay,
  PruningError,
  sparsityReport,
  stripPruning,
  type ConstantSparsityArgs,
  type Criterion,
  type CriterionContext,
  type CriterionFunction,
} from '../../lib';
import {maskOf, setMask} from '../../lib/projection/mask';
import {pruneCount} from '../../lib/weights/prune_count';
import {
  QUIET,
  data,
  dataset,
  fillKernels,
  kernel,
  kernelZeros,
  mlp,
  probe,
  setWeight,
  state,
  values,
  zeroPositions,
  zeros,
} from '../setup/models';

/** x·W with x = [1, 2], a first error of [1, 0.6] and so a gradient of [1, 0.6, 2, 1.2]. */
function linear(learningRate = 0.1): tfl.Sequential {
  const dense = tfl.layers.dense({units: 2, inputShape: [2], useBias: false, name: 'dense_0'});
  const model = tfl.sequential({layers: [dense]});
  setWeight(dense, 0, [1, -3, 0.25, 0.9]);
  model.compile({optimizer: tf.train.sgd(learningRate), loss: 'meanSquaredError'});
  return model;
}

const half = (args: Partial<ConstantSparsityArgs> = {}) =>
  new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, ...args});

/** Fits the linear model, a step an epoch. */
async function fitLinear(
  model: tfl.Sequential,
  callbacks: tfl.Callback[],
  epochs = 1,
): Promise<void> {
  const x = tf.tensor2d([[1, 2]]);
  const y = tf.tensor2d([[0.5, -1.8]]);
  await model.fit(x, y, {verbose: 0, epochs, callbacks});
  tf.dispose([x, y]);
}

/** Fits `mlp`, or a model of its inputs and outputs, 4 steps an epoch. */
async function fit(
  model: tfl.LayersModel,
  callbacks: tfl.Callback[],
  epochs = 1,
): Promise<tfl.History> {
  const {x, y} = data();
  const history = await model.fit(x, y, {...QUIET, epochs, callbacks});
  tf.dispose([x, y]);
  return history;
}

/** The mask of each layer that has one, as numbers. */
function masks(model: tfl.LayersModel): number[][] {
  return model.layers.flatMap(({weights}) => {
    const mask = weights.length > 0 && maskOf(weights[0]);
    return mask ? [[...values(mask)]] : [];
  });
}

/** A model of kernels 1, −2, 3, −4 and 5, 6, −7, 0.5 that only pruning changes. */
function frozen(): tfl.Sequential {
  const model = mlp({inputs: 2, units: [2, 2], optimizer: tf.train.sgd(0)});
  setWeight(model.layers[0], 0, [1, -2, 3, -4]);
  setWeight(model.layers[1], 0, [5, 6, -7, 0.5]);
  return model;
}

async function fitFrozen(model: tfl.LayersModel, callback: tfl.Callback): Promise<number[][]> {
  const {x, y} = data(10, 2, 2);
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [callback]});
  tf.dispose([x, y]);
  return masks(model);
}

/** The mask of each layer, of ones where it has none. */
function allMasks(model: tfl.LayersModel): number[][] {
  return model.layers.map(({weights: [{shape}, ...others]}, i) => {
    const mask = maskOf(model.layers[i].weights[0]);
    const size = shape.reduce<number>((all, side) => all * side!, 1);
    expect(others.length).toBeLessThan(2);
    return mask ? [...values(mask)] : Array<number>(size).fill(1);
  });
}

function expectNoneGrown(before: readonly number[][], after: readonly number[][]): void {
  after.forEach((mask, i) =>
    mask.forEach((kept, j) => expect(kept).toBeLessThanOrEqual(before[i][j])),
  );
}

function itself(weight: tf.Tensor): tf.Tensor {
  return weight;
}

function difference(weight: tf.Tensor, {gradient}: CriterionContext): tf.Tensor {
  return tf.sub(gradient ?? weight, weight);
}

/** By hand; the weight itself is 1, −3, 0.25, 0.9 before the step, 0.9, −3.06, 0.05, 0.78 after. */
const BY_HAND: [Criterion, number[]][] = [
  ['magnitude', [1, 1, 0, 0]],
  ['l2', [1, 1, 0, 0]],
  ['gradient', [0, 0, 1, 1]],
  ['taylor', [0, 1, 0, 1]],
  ['movement', [0, 1, 1, 0]],
  [itself, [1, 0, 0, 1]],
  [difference, [0, 1, 1, 0]],
];

describe('a criterion', () => {
  it.each(BY_HAND)('%p prunes after the first step by it', async (criterion, mask) => {
    const model = linear();
    await fitLinear(model, [half({criterion, beginStep: 1})]);
    expect(masks(model)).toEqual([mask]);
    stripPruning(model);
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(zeroPositions(mask));
  });

  it.each(['gradient', 'taylor', 'movement'] as const)(
    '%s waits for the first gradients, where it begins before them',
    async (criterion) => {
      const model = linear();
      const early: number[][] = [];
      const note = async () => void early.push(...masks(model));
      await fitLinear(model, [half({criterion}), probe({onBatchBegin: note})]);
      expect(early).toEqual([]);
      const [, mask] = BY_HAND.find(([name]) => name === criterion)!;
      expect(masks(model)).toEqual([mask]);
      stripPruning(model);
    },
  );

  it('by gradient waits in the first epoch too', async () => {
    const model = linear();
    await fitLinear(model, [half({criterion: 'taylor', unit: 'epoch'})]);
    expect(masks(model)).toEqual([[0, 1, 0, 1]]);
    stripPruning(model);
  });

  it('by gradient goes on in a second fit', async () => {
    const model = linear();
    const pruner = half({criterion: 'gradient', beginStep: 2});
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    await fitLinear(model, [pruner]);
    warn.mockRestore();
    expect(masks(model)).toEqual([]);
    await fitLinear(model, [pruner]);
    expect(masks(model)).toEqual([[0, 0, 1, 1]]);
    stripPruning(model);
  });

  it("gives a user's function no gradient before the first step", async () => {
    const contexts: CriterionContext[] = [];
    const criterion: CriterionFunction = (weight, context) => {
      contexts.push({...context, gradient: undefined});
      expect(context.gradient === undefined).toBe(context.step === 0);
      return tf.abs(weight);
    };
    const model = mlp();
    const callback = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.5,
      beginStep: 0,
      endStep: 4,
      frequency: 2,
      criterion,
    });
    await fit(model, [callback]);
    expect(contexts.map(({step, layer}) => [step, layer])).toEqual(
      [0, 2, 4].flatMap((step) => [
        [step, 'dense_0/kernel'],
        [step, 'dense_1/kernel'],
      ]),
    );
    stripPruning(model);
  });

  it("gives a user's function a gradient that can be read, or none, after an epoch too", async () => {
    const model = mlp();
    const criterion: CriterionFunction = (weight, {gradient}) =>
      gradient ? tf.abs(tf.mul(weight, gradient)) : tf.abs(weight);
    const callbacks = [half({criterion, unit: 'epoch', beginStep: 1})];
    await model.fitDataset(dataset(false), {
      epochs: 2,
      batchesPerEpoch: 4,
      verbose: 0,
      callbacks,
    });
    expect(kernelZeros(model)).toEqual([12, 6]);
    stripPruning(model);
    const unknown = mlp();
    const again = half({criterion, unit: 'epoch', beginStep: 1});
    const endless = Object.assign(dataset(true), {size: null});
    await unknown.fitDataset(endless, {epochs: 2, verbose: 0, callbacks: [again]});
    expect(kernelZeros(unknown)).toEqual([12, 6]);
    stripPruning(unknown);
  });

  it('random is the same for a seed, another for each weight, and as many as asked', async () => {
    const run = async (seed?: number) => {
      const model = mlp({units: [6, 6, 2], inputs: 4});
      await fit(model, [half({criterion: 'random', seed})]);
      const found = masks(model);
      stripPruning(model);
      return found;
    };
    const found = await run();
    expect(found.map(zeros)).toEqual([12, 18, 6]);
    expect(await run(1)).toEqual(found);
    expect(await run(2)).not.toEqual(found);
    expect(found[1].slice(0, 24)).not.toEqual(found[0]);
  });

  it.each(['gradient', 'taylor', 'movement', 'random'] as const)(
    '%s only prunes on, with the exact counts, in any scope',
    async (criterion) => {
      for (const scope of ['layer', 'global', 'erk'] as const) {
        const model = mlp({optimizer: tf.train.adam(0.05)});
        const callback = new PolynomialDecay({
          initialSparsity: 0.1,
          finalSparsity: 0.8,
          beginStep: 1,
          endStep: 8,
          frequency: 2,
          criterion,
          scope,
        });
        const seen: number[][][] = [];
        const note = async () => void seen.push(allMasks(model));
        await fit(model, [callback, probe({onBatchEnd: note})], 2);
        seen.slice(1).forEach((found, i) => expectNoneGrown(seen[i], found));
        const counts = seen.map((found) => found.reduce((all, mask) => all + zeros(mask), 0));
        expect(counts[0]).toBe(scope === 'layer' ? 3 : 4);
        expect(counts[7]).toBe(scope === 'layer' ? 29 : 29);
        stripPruning(model);
      }
    },
  );

  it.each<Criterion>(['gradient', 'taylor', 'movement', 'random', difference])(
    '%p leaves no tensor behind after fit and stripPruning',
    async (criterion) => {
      const model = mlp();
      await fit(model, []);
      const before = tf.memory().numTensors;
      for (const frequency of [1, 3, 100]) {
        await fit(model, [half({criterion, frequency})]);
        stripPruning(model);
        expect(tf.memory().numTensors).toBe(before);
      }
    },
  );

  it('of the user may give the same tensor each time', async () => {
    const model = mlp();
    const ranked = (rows: number, columns: number) =>
      tf.tidy(() => tf.reshape(tf.range(0, rows * columns), [rows, columns]));
    const scores: tf.NamedTensorMap = {
      'dense_0/kernel': ranked(4, 6),
      'dense_1/kernel': ranked(6, 2),
    };
    const criterion: CriterionFunction = (_weight, {layer}) => scores[layer];
    await fit(model, [half({criterion, beginStep: 1, frequency: 1})]);
    expect(masks(model)).toEqual(
      [24, 12].map((size) => Array.from({length: size}, (_, i) => (i < size / 2 ? 0 : 1))),
    );
    Object.values(scores).forEach((tensor) => expect(tensor.isDisposed).toBe(false));
    stripPruning(model);
    tf.dispose(scores);
  });

  it('by gradient holds one tensor a weight between updates, besides what magnitude does', async () => {
    const held = async (criterion: Criterion) => {
      const model = mlp();
      const counts: number[] = [];
      const note = async () => void counts.push(tf.memory().numTensors);
      const before = tf.memory().numTensors;
      await fit(model, [half({criterion, beginStep: 100}), probe({onBatchEnd: note})]);
      stripPruning(model);
      return counts.map((count) => count - before);
    };
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const plain = await held('magnitude');
    expect(await held('taylor')).toEqual(plain.map((count) => count + 2));
    warn.mockRestore();
  });
});

describe('a criterion that is wrong', () => {
  const failing: [string, CriterionFunction, string | RegExp][] = [
    [
      'in shape',
      function flat(weight) {
        return tf.reshape(weight, [-1]);
      },
      "criterion flat for 'dense_0/kernel' at step 0: expected scores of shape [4,6], but got '[24]'.",
    ],
    [
      'in shape for one layer',
      function second(weight, {layer}) {
        return layer === 'dense_1/kernel' ? tf.sum(weight) : tf.abs(weight);
      },
      "criterion second for 'dense_1/kernel' at step 0: expected scores of shape [6,2], but got '[]'.",
    ],
    [
      'in all numbers',
      function nanny(weight) {
        return tf.fill(weight.shape, NaN);
      },
      /criterion.*nanny.*dense_0\/kernel.*step 0/,
    ],
    [
      'in one number of one layer',
      function nancy(weight, {layer}) {
        const zero = tf.oneHot(tf.tensor1d([0], 'int32'), weight.size);
        const spoilt = tf.where(tf.cast(zero, 'bool'), NaN, 1);
        return layer === 'dense_1/kernel'
          ? (tf.reshape(spoilt, weight.shape) as tf.Tensor)
          : tf.abs(weight);
      },
      /criterion.*nancy.*dense_1\/kernel.*step 0/,
    ],
  ];

  it.each(failing)('%s is refused, and masks nothing', async (_name, criterion, message) => {
    const model = mlp();
    await fit(model, []);
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const before = state(model);
    const pruner = half({criterion});
    const error = await fit(model, [pruner]).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PruningError);
    if (typeof message === 'string') {
      expect((error as PruningError).message).toBe(message);
    } else {
      expect((error as PruningError).message).toMatch(message);
    }
    expect({...(state(model) as object), tensors: 0}).toEqual({...(before as object), tensors: 0});
    expect(
      masks(model)
        .flat()
        .filter((kept) => kept === 0),
    ).toEqual([]);
  });

  it.each(failing)('%s leaves no tensor behind', async (_name, criterion) => {
    const model = mlp();
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const {x, y} = data();
    const before = tf.memory().numTensors;
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [half({criterion})]}).catch(() => {});
    stripPruning(model);
    // What `fit` itself leaves behind where onTrainBegin throws is not the callback's.
    const none = probe({onTrainBegin: () => Promise.reject(new Error('no'))});
    const after = tf.memory().numTensors;
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [none]}).catch(() => {});
    expect(after - before).toBe(tf.memory().numTensors - after);
    warn.mockRestore();
    tf.dispose([x, y]);
  });

  it('names the step at which it is', async () => {
    const criterion: CriterionFunction = function late(weight, {step}) {
      return step < 3 ? tf.abs(weight) : tf.fill(weight.shape, NaN);
    };
    const model = mlp();
    const callback = new PolynomialDecay({
      initialSparsity: 0.2,
      finalSparsity: 0.5,
      beginStep: 0,
      endStep: 4,
      frequency: 1,
      criterion,
    });
    await expect(fit(model, [callback])).rejects.toThrow(/late.*dense_0\/kernel.*step 3/);
    stripPruning(model);
  });
});

describe('the scope', () => {
  it.each([
    [
      'layer',
      0.5,
      [
        [0, 0, 1, 1],
        [0, 1, 1, 0],
      ],
    ],
    [
      'global',
      0.5,
      [
        [0, 0, 0, 1],
        [1, 1, 1, 0],
      ],
    ],
    [
      'global',
      0.625,
      [
        [0, 0, 0, 0],
        [1, 1, 1, 0],
      ],
    ],
    [
      'erk',
      0.5,
      [
        [0, 0, 1, 1],
        [0, 1, 1, 0],
      ],
    ],
  ] as const)('%s at %p', async (scope, targetSparsity, expected) => {
    const model = frozen();
    expect(await fitFrozen(model, half({scope, targetSparsity}))).toEqual(expected);
    stripPruning(model);
  });

  it('global takes scores of different criteria as they are', async () => {
    const model = frozen();
    const criterion: CriterionFunction = (weight, {layer}) =>
      tf.mul(tf.abs(weight), layer === 'dense_0/kernel' ? 100 : 1);
    expect(await fitFrozen(model, half({scope: 'global', criterion}))).toEqual([
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ]);
    stripPruning(model);
  });

  it('erk takes less of the smaller layer, and the sparsity of all', async () => {
    // 4·6 and 6·2: shares 10 and 8 over 18 of the 18 that are kept.
    const model = mlp();
    const pruner = half({scope: 'erk'});
    await fit(model, [pruner]);
    expect(kernelZeros(model)).toEqual([14, 4]);
    expect(pruner.sparsity).toBe(0.5);
    stripPruning(model);
  });

  it('erk leaves a layer with a sparsity of its own out of it', async () => {
    const model = mlp({units: [6, 2, 3]});
    const callback = half({scope: 'erk', layers: {dense_0: 0.25}});
    const {x, y} = data(40, 4, 3);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [callback]});
    tf.dispose([x, y]);
    const counts = kernelZeros(model);
    // 6·2 and 2·3: shares 8 and 5 over 13 of the 9 that are kept.
    expect(counts).toEqual([6, 12 - Math.round((9 * 8) / 13), 6 - Math.round((9 * 5) / 13)]);
    stripPruning(model);
  });
});

describe('minKeep', () => {
  it('keeps that share of each weight, its largest', async () => {
    const model = frozen();
    const callback = half({scope: 'global', targetSparsity: 0.625, minKeep: 0.25});
    expect(await fitFrozen(model, callback)).toEqual([
      [0, 0, 0, 1],
      [0, 1, 1, 0],
    ]);
    stripPruning(model);
  });

  it('comes before the sparsity, and the callback tells what is reached', async () => {
    const model = frozen();
    const callback = half({scope: 'global', targetSparsity: 0.9, minKeep: 0.5});
    expect(await fitFrozen(model, callback)).toEqual([
      [0, 0, 1, 1],
      [0, 1, 1, 0],
    ]);
    expect(callback.sparsity).toBe(0.5);
    expect((await sparsityReport(model)).sparsity).toBe(0.5);
    stripPruning(model);
  });

  it('counts for a model of one weight too', async () => {
    const model = linear(0);
    await fitLinear(model, [half({scope: 'global', targetSparsity: 0.75, minKeep: 0.5})]);
    expect(zeros(kernel(model, 'dense_0'))).toBe(2);
    stripPruning(model);
  });

  it('counts the weights that are left, whatever the score of pruned ones', async () => {
    const model = frozen();
    setMask(model.layers[0].weights[0], tf.tensor2d([1, 1, 0, 0], [2, 2]));
    // The pruned ones score best, and the other weight better than all.
    const criterion: CriterionFunction = (_weight, {layer}) =>
      tf.add(tf.tensor2d([1, 2, 3, 4], [2, 2]), layer === 'dense_1/kernel' ? 100 : 0);
    const callback = half({scope: 'global', criterion, minKeep: 0.5});
    const [mask, other] = await fitFrozen(model, callback);
    expect(mask).toEqual([1, 1, 0, 0]);
    expect(other).toEqual([0, 0, 1, 1]);
    stripPruning(model);
  });

  it('holds for any share and sparsity', async () => {
    const share = fc.double({min: 0, max: 0.99, noNaN: true});
    await fc.assert(
      fc.asyncProperty(share, share, async (minKeep, targetSparsity) => {
        const model = frozen();
        const found = await fitFrozen(model, half({scope: 'global', targetSparsity, minKeep}));
        const most = 4 - Math.ceil(minKeep * 4);
        found.forEach((mask) => expect(zeros(mask)).toBeLessThanOrEqual(most));
        const total = found.reduce((all, mask) => all + zeros(mask), 0);
        expect(total).toBe(Math.min(pruneCount(8, targetSparsity), 2 * most));
        stripPruning(model);
        model.dispose();
      }),
      {numRuns: 20},
    );
  });
});

describe('the structure', () => {
  /** Kernels of [2, 2, 3, 5] and [5, 3]. */
  function convolutional(): tfl.Sequential {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({filters: 5, kernelSize: 2, inputShape: [3, 3, 3], name: 'conv'}),
        tfl.layers.globalAveragePooling2d({name: 'pool'}),
        tfl.layers.dense({units: 3, name: 'dense'}),
      ],
    });
    model.compile({optimizer: tf.train.adam(0.01), loss: 'meanSquaredError'});
    return fillKernels(model);
  }

  /** Prunes before the first step, since not every backend trains convolutions. */
  async function begin(model: tfl.LayersModel, pruner: ConstantSparsity): Promise<void> {
    pruner.setModel(model);
    await pruner.onTrainBegin();
  }

  it.each([
    [{block: [2, 2]}, 0.5, 10, 4],
    [{block: [Infinity, 1]}, 0.4, 2, 1],
    [{block: [1, Infinity]}, 0.5, 6, 3],
    [{block: [100, 100]}, 0.9, 0, 0],
  ] as const)('%j at %p prunes whole blocks', async (structure, targetSparsity, conv, dense) => {
    const model = convolutional();
    const pruner = half({structure, targetSparsity});
    await begin(model, pruner);
    const [first, second] = masks(model);
    const gone = (mask: number[], rows: number, columns: number) => {
      const [height, width] = [
        Math.min(structure.block[0], rows),
        Math.min(structure.block[1], columns),
      ];
      let count = 0;
      for (let row = 0; row < rows; row += height) {
        for (let column = 0; column < columns; column += width) {
          const inside = mask.filter((_, i) => {
            const [r, c] = [Math.floor(i / columns), i % columns];
            return r >= row && r < row + height && c >= column && c < column + width;
          });
          expect([0, inside.length]).toContain(zeros(inside));
          count += zeros(inside) === inside.length ? 1 : 0;
        }
      }
      return count;
    };
    const counts = [gone(first, 12, 5), gone(second, 5, 3)];
    expect(counts).toEqual([conv, dense]);
    expect(pruner.sparsity).toBeCloseTo((zeros(first) + zeros(second)) / 75, 6);
    await pruner.onTrainEnd();
    stripPruning(model);
  });

  it('n of m holds along the inputs, ragged ones too, and in the logs', async () => {
    const model = convolutional();
    const pruner = half({structure: {n: 1, m: 2}});
    await begin(model, pruner);
    const logs: Record<string, number> = {};
    await pruner.onEpochEnd(0, logs);
    const [conv, dense] = masks(model);
    const along = (mask: number[], places: number, inputs: number, columns: number) => {
      for (let place = 0; place < places; ++place) {
        for (let column = 0; column < columns; ++column) {
          for (let first = 0; first < inputs; first += 2) {
            const group = [first, first + 1].filter((input) => input < inputs);
            const kept = group.map((input) => mask[(place * inputs + input) * columns + column]);
            expect(kept.filter((each) => each === 1)).toHaveLength(1);
          }
        }
      }
    };
    along(conv, 4, 3, 5);
    along(dense, 1, 5, 3);
    // A third of 60 and two fifths of 15.
    expect([zeros(conv), zeros(dense)]).toEqual([20, 6]);
    expect(pruner.sparsity).toBeCloseTo(26 / 75, 6);
    expect(logs.sparsity).toBeCloseTo(26 / 75, 6);
    await pruner.onTrainEnd();
    stripPruning(model);
  });

  it('n of m is complete at the first update of a schedule', async () => {
    const model = mlp();
    const callback = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.5,
      beginStep: 1,
      endStep: 4,
      frequency: 1,
      structure: {n: 2, m: 4},
    });
    const counts: number[][] = [];
    const note = async () => void counts.push(masks(model).map(zeros));
    await fit(model, [callback, probe({onBatchEnd: note})]);
    // Inputs 4 and 6: in the ragged group of two, both stay.
    expect(counts).toEqual(Array(4).fill([12, 4]));
    stripPruning(model);
  });

  it('of blocks grows with the schedule, by scores of gradients', async () => {
    const model = mlp();
    const callback = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.7,
      beginStep: 1,
      endStep: 4,
      frequency: 1,
      power: 1,
      criterion: 'taylor',
      structure: {block: [1, 2], pooling: 'max'},
    });
    const seen: number[][][] = [];
    const note = async () => void seen.push(allMasks(model));
    await fit(model, [callback, probe({onBatchEnd: note})]);
    seen.slice(1).forEach((found, i) => expectNoneGrown(seen[i], found));
    expect(seen.map((found) => found.map(zeros))).toEqual([
      [6, 4],
      [10, 4],
      [14, 6],
      [16, 8],
    ]);
    stripPruning(model);
  });

  it('of blocks counts what remains', async () => {
    const model = mlp();
    const args = {structure: {block: [1, 2]}, ofRemaining: true} as const;
    await fit(model, [half(args)]);
    expect(kernelZeros(model)).toEqual([12, 6]);
    await fit(model, [half(args)]);
    // Of 6 blocks that are left 3; of 3 blocks 1.5, which is 2.
    expect(kernelZeros(model)).toEqual([18, 10]);
    stripPruning(model);
  });
});

describe('pruning again', () => {
  it('counts all weights, and keeps earlier zeros', async () => {
    const model = mlp();
    await fit(model, [half()]);
    const before = masks(model);
    await fit(model, [half({criterion: 'random', seed: 5})]);
    expect(masks(model)).toEqual(before);
    await fit(model, [half({criterion: 'random', targetSparsity: 0.75})]);
    expectNoneGrown(before, masks(model));
    expect(masks(model).map(zeros)).toEqual([18, 9]);
    stripPruning(model);
  });

  it('counts all weights after stripPruning too', async () => {
    const model = mlp();
    await fit(model, [half()]);
    stripPruning(model);
    const before = zeroPositions(kernel(model, 'dense_0'));
    await fit(model, [half()]);
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(before);
    expect(kernelZeros(model)).toEqual([12, 6]);
    stripPruning(model);
  });

  it.each([
    ['layer', false],
    ['layer', true],
    ['global', false],
    ['global', true],
    ['erk', false],
    ['erk', true],
  ] as const)('of what remains, 0.5 twice is 0.75: scope %s, stripped %p', async (scope, strip) => {
    const model = mlp({inputs: 4, units: [6, 2], optimizer: 'adam'});
    await fit(model, [half({scope, ofRemaining: true})]);
    expect((await sparsityReport(model)).zeros).toBe(18);
    const before = model.layers.map(({weights}) => zeroPositions(values(weights[0])));
    if (strip) {
      stripPruning(model);
    }
    const pruner = half({scope, ofRemaining: true, criterion: 'random'});
    await fit(model, [pruner], 2);
    // 18 are left, and half of them go.
    expect((await sparsityReport(model)).zeros).toBe(27);
    expect(pruner.sparsity).toBe(0.75);
    model.layers.forEach(({weights}, i) =>
      expect(zeroPositions(values(weights[0]))).toEqual(expect.arrayContaining(before[i])),
    );
    stripPruning(model);
  });

  it('of what remains once an instance, which may be used for a second fit', async () => {
    const model = mlp();
    const pruner = half({ofRemaining: true, frequency: 1});
    await fit(model, [pruner], 2);
    await fit(model, [pruner], 2);
    expect(kernelZeros(model)).toEqual([12, 6]);
    stripPruning(model);
  });

  it('of what remains follows a schedule', async () => {
    const model = frozen();
    setWeight(model.layers[0], 0, [0, 0, 3, -4]);
    const callback = new PolynomialDecay({
      initialSparsity: 0,
      finalSparsity: 0.5,
      beginStep: 0,
      endStep: 1,
      ofRemaining: true,
    });
    expect(await fitFrozen(model, callback)).toEqual([
      [0, 0, 0, 1],
      [0, 1, 1, 0],
    ]);
    stripPruning(model);
  });
});

describe('bad input', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown criterion', {criterion: 'snip'}, "criterion: expected 'magnitude' or 'l2'"],
    ['a criterion that is null', {criterion: null}, 'but got null.'],
    ['minKeep 1', {minKeep: 1}, 'minKeep: expected a number in [0, 1), but got 1.'],
    ['minKeep −0.1', {minKeep: -0.1}, 'minKeep: expected a number in [0, 1), but got -0.1.'],
    ['minKeep NaN', {minKeep: NaN}, 'minKeep: expected a number in [0, 1), but got NaN.'],
    [
      'n of m with another sparsity',
      {structure: {n: 1, m: 4}},
      'sparsity: expected 0.75, which n of m gives, but got 0.5.',
    ],
    ['n above m', {structure: {n: 4, m: 2}}, 'structure.n: expected less than m (2), but got 4.'],
    ['m of 0', {structure: {n: 0, m: 0}}, 'structure.m: expected an integer of at least 2'],
    ['a block of three sides', {structure: {block: [1, 1, 1]}}, 'structure.block: expected [rows'],
    [
      'a block of 0',
      {structure: {block: [0, 1]}},
      'structure.block: expected [rows, columns] of at least 1',
    ],
    [
      'a negative block',
      {structure: {block: [1, -1]}},
      'structure.block: expected [rows, columns] of at least 1',
    ],
    [
      'n of m with scope global',
      {structure: {n: 2, m: 4}, scope: 'global'},
      "scope: expected 'layer' or 'erk' with n of m, but got 'global'.",
    ],
    [
      "ofRemaining 'yes'",
      {ofRemaining: 'yes'},
      "ofRemaining: expected true or false, but got 'yes'.",
    ],
    ['seed -1', {seed: -1}, 'seed: expected an integer of at least 0, but got -1.'],
    ['seed NaN', {seed: NaN}, 'seed: expected an integer of at least 0, but got NaN.'],
  ])('%s is refused', (_name, args, message) => {
    const make = () => new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, ...args});
    expect(make).toThrow(PruningError);
    expect(make).toThrow(message);
  });

  it('n of m is refused for a layer with another sparsity of its own', async () => {
    const model = mlp();
    const callback = half({structure: {n: 2, m: 4}, layers: {dense_0: 0.75}});
    await expect(fit(model, [callback])).rejects.toThrow(
      'sparsity: expected 0.5, which n of m gives, but got 0.75.',
    );
    expect(masks(model)).toEqual([]);
  });
});

import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

import {
  PruningError,
  sparsityReport,
  stripPruning,
  ThresholdPruning,
  type ThresholdPruningArgs,
} from '../../lib';
import {maskOf} from '../../lib/projection/mask';
import {pruneBelow, type Threshold} from '../../lib/weights/below_threshold';
import {QUIET, data, kernel, mlp, probe, setWeight, values, zeros} from '../setup/models';

/** A model whose kernels, of 2 by 4 and 4 by 1, do not change but by pruning. */
function model(first: readonly number[], second: readonly number[] = [1, 1, 1, 1]): tfl.Sequential {
  const built = mlp({inputs: 2, units: [4, 1], optimizer: tf.train.sgd(0)});
  setWeight(built.layers[0], 0, first);
  setWeight(built.layers[1], 0, second);
  return built;
}

/** Fits 4 steps, and gives the mask of each kernel. */
async function masksAfter(
  built: tfl.Sequential,
  args: ThresholdPruningArgs,
  callbacks: tfl.Callback[] = [],
): Promise<number[][]> {
  const {x, y} = data(40, 2, 1);
  const pruner = new ThresholdPruning(args);
  await built.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner, ...callbacks]});
  const masks = built.layers.map(({weights}) => [...values(maskOf(weights[0])!)]);
  stripPruning(built);
  tf.dispose([x, y]);
  return masks;
}

const WEIGHTS = [0.1, -0.1, 0.099, -0.0999, 0.11, -0.5, 0.05, 1];

describe('a fixed threshold', () => {
  it('prunes exactly what is smaller in magnitude', async () => {
    const [first, second] = await masksAfter(model(WEIGHTS), {threshold: 0.1});
    expect(first).toEqual([1, 1, 0, 0, 1, 1, 0, 1]);
    expect(second).toEqual([1, 1, 1, 1]);
  });

  it('prunes nothing at 0', async () => {
    const built = model([0, 1, 2, 3, 4, 5, 6, 7]);
    const {x, y} = data(40, 2, 1);
    await built.fit(x, y, {...QUIET, epochs: 1, callbacks: [new ThresholdPruning({threshold: 0})]});
    expect([...kernel(built, 'dense_0')]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    stripPruning(built);
  });

  it('keeps the largest weight of a layer', async () => {
    const [first, second] = await masksAfter(model(WEIGHTS, [0.2, -0.4, 0.1, 0.3]), {threshold: 5});
    expect(first).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    expect(second).toEqual([0, 1, 0, 0]);
  });

  it('takes the scores of another criterion', async () => {
    const args = {threshold: 0.01, criterion: 'l2'} as const;
    const [first] = await masksAfter(model([0.09, -0.11, 1, 1, 1, 1, 1, 1]), args);
    expect(first).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('leaves alone the layers that are not selected', async () => {
    const built = model(WEIGHTS, [0.01, 1, 1, 1]);
    const {x, y} = data(40, 2, 1);
    const callbacks = [new ThresholdPruning({threshold: 0.1, layers: ['dense_0']})];
    await built.fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(zeros(kernel(built, 'dense_0'))).toBe(3);
    expect(zeros(kernel(built, 'dense_1'))).toBe(0);
    stripPruning(built);
  });
});

describe('a threshold by the spread', () => {
  it('is so many standard deviations of the layer', async () => {
    // Deviations √5 and √0.05 about 0: cuts at 1.565 and 0.1565.
    const first = [1, -1, 1.5, -1.5, 1.6, -1.6, Math.sqrt(13.94), -Math.sqrt(13.94)];
    const second = [0.1, -0.1, 0.3, -0.3];
    const masks = await masksAfter(model(first, second), {threshold: {std: 0.7}, endStep: 0});
    expect(masks).toEqual([
      [0, 0, 0, 0, 1, 1, 1, 1],
      [0, 0, 1, 1],
    ]);
  });

  it('is about the mean', async () => {
    // Mean 2 and deviation 1, not √5.
    const [, second] = await masksAfter(model(WEIGHTS, [1, 1, 3, 3]), {
      threshold: {std: 1.5},
      endStep: 0,
    });
    expect(second).toEqual([0, 0, 1, 1]);
  });

  it('takes what is left at each update', async () => {
    // ±1, ±2: cut at 0.8·√2.5 = 1.26; then ±2: 1.6.
    const every = {threshold: {std: 0.8}, frequency: 1} as const;
    const [, second] = await masksAfter(model(WEIGHTS, [1, -1, 2, -2]), every);
    expect(second).toEqual([0, 0, 1, 1]);
    // ±1, ±3: the cut is at 2.236 first, 3 then, and 3 is not below it.
    const one = {threshold: {std: 1}, frequency: 1} as const;
    const [, next] = await masksAfter(model(WEIGHTS, [1, -1, 3, -3]), one);
    expect(next).toEqual([0, 0, 1, 1]);
    const more = {threshold: {std: 1.1}, frequency: 1} as const;
    const [, last] = await masksAfter(model(WEIGHTS, [1, -1, 3, -3.1]), more);
    expect(last).toEqual([0, 0, 0, 1]);
  });
});

describe('the schedule', () => {
  it('begins at once, is updated each 100 steps, and has no end unless told', () => {
    const pruner = new ThresholdPruning({threshold: 0.1});
    const updates = [...Array(300).keys()].filter((step) => pruner.isUpdateStep(step));
    expect(updates).toEqual([0, 100, 200]);
    expect(pruner.isUpdateStep(1_000_000)).toBe(true);
  });

  it('is updated from the begin to the end', () => {
    const pruner = new ThresholdPruning({threshold: 0.1, beginStep: 3, endStep: 10, frequency: 3});
    const updates = [...Array(30).keys()].filter((step) => pruner.isUpdateStep(step));
    expect(updates).toEqual([3, 6, 9, 10]);
  });

  it('tells no sparsity, since none is known beforehand', () => {
    expect(new ThresholdPruning({threshold: 0.3}).sparsityAt(9)).toBe(0);
  });

  it('prunes at the begin, and not after the end', async () => {
    const built = model(WEIGHTS);
    const counts: number[] = [];
    const shrink = async (batch: number) => {
      counts.push(zeros(kernel(built, 'dense_0')));
      if (batch === 2) {
        setWeight(built.layers[0], 0, Array(8).fill(0.01));
      }
    };
    await masksAfter(built, {threshold: 0.1, beginStep: 2, endStep: 3, frequency: 1}, [
      probe({onBatchEnd: shrink}),
    ]);
    expect(counts).toEqual([0, 3, 3, 3]);
  });
});

describe('what is reached', () => {
  it('is in the logs, the callback and the report', async () => {
    const built = model(WEIGHTS);
    const {x, y} = data(40, 2, 1);
    const pruner = new ThresholdPruning({threshold: 0.1, beginStep: 2, frequency: 1});
    const seen: unknown[] = [];
    const history = await built.fit(x, y, {
      ...QUIET,
      epochs: 2,
      callbacks: [pruner, probe({onBatchEnd: async () => void seen.push(pruner.sparsity)})],
    });
    expect(history.history.sparsity).toEqual([0.25, 0.25]);
    expect(seen.slice(2)).toEqual(Array(6).fill(0.25));
    expect(pruner.sparsity).toBe(0.25);
    expect((await sparsityReport(built)).zeros).toBe(3);
    stripPruning(built);
    expect((await sparsityReport(built)).weights.map((each) => each.zeros)).toEqual([3, 0]);
  });

  it('leaves no tensor behind', async () => {
    const built = model(WEIGHTS);
    const args = {threshold: {std: 0.7}, frequency: 1} as const;
    await masksAfter(built, args);
    const before = tf.memory().numTensors;
    await masksAfter(built, {...args, criterion: 'taylor'});
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('pruneBelow', () => {
  const below = (scores: number[], mask: number[] | null, threshold: Threshold) =>
    tf.tidy(() => {
      const before = mask && tf.tensor1d(mask);
      const weight = tf.mul(tf.tensor1d(scores), before ?? 1);
      return [...pruneBelow(tf.tensor1d(scores), before, threshold, weight).dataSync()];
    });

  it('keeps what is at the threshold', () => {
    expect(below([1, 2, 3], null, 2)).toEqual([0, 1, 1]);
  });

  it('keeps what is pruned', () => {
    expect(below([9, 1, 3], [0, 1, 1], 2)).toEqual([0, 0, 1]);
  });

  it('keeps a weight that is left, where a pruned one has the largest score', () => {
    expect(below([5, 1, 2], [0, 1, 1], 3)).toEqual([0, 0, 1]);
    expect(below([5, 1, 2], [0, 1, 1], 9)).toEqual([0, 0, 1]);
  });

  it('takes the deviation of more weights than float32 can count', () => {
    const kept = tf.tidy(() => {
      const ones = tf.ones([4100, 4100]);
      const column = tf.range(0, 4100);
      // As many 1 as −1, whose deviation is 1; scores of 1 but for a column of 4.
      const weight = tf.mul(ones, tf.sub(1, tf.mul(tf.mod(column, 2), 2)));
      const scores = tf.add(ones, tf.mul(3, tf.cast(tf.equal(column, 0), 'float32')));
      const after = pruneBelow(scores, null, {std: 1.0001}, weight);
      return tf.sum(tf.sum(after, -1));
    });
    expect(kept.dataSync()[0]).toBe(4100);
    kept.dispose();
  });

  it('takes nothing with a NaN', () => {
    expect(below([1, NaN, 3], null, 2)).toEqual([1, 1, 1]);
    expect(below([1, NaN, 3], [0, 1, 1], 2)).toEqual([0, 1, 1]);
  });
});

describe('warnings', () => {
  const SPREAD = [1, -1, 2, -2, 3, -3, 4, -4];

  /** What is said in a fit of 4 steps, after as many others. */
  async function warnings(args: ThresholdPruningArgs, stepsBefore = 0): Promise<unknown[]> {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const built = model(SPREAD, SPREAD.slice(0, 4));
    const {x, y} = data(40, 2, 1);
    if (stepsBefore > 0) {
      await built.fit(x, y, {...QUIET, epochs: stepsBefore / 4});
    }
    await built.fit(x, y, {...QUIET, epochs: 1, callbacks: [new ThresholdPruning(args)]});
    stripPruning(built);
    const said = warn.mock.calls.flat();
    warn.mockRestore();
    return said;
  }

  it.each<ThresholdPruningArgs['threshold']>([1.5, {std: 0.7}])(
    'of an end that was not reached name no sparsity to be reached, with %j',
    async (threshold) => {
      // Weights of 1 are gone, 2 of each 8 and of 4.
      expect(await warnings({threshold, endStep: 10, frequency: 10})).toEqual([
        'ThresholdPruning: training ended 6 steps before endStep (10); the sparsity is 0.3333. ' +
          'Train longer, or lower endStep.',
      ]);
    },
  );

  it('of a begin that was not reached name no sparsity to be reached', async () => {
    expect(await warnings({threshold: 1.5, beginStep: 5})).toEqual([
      'ThresholdPruning: training ended 1 step before beginStep (5); the sparsity is 0.0000. ' +
        'Train longer, or lower beginStep.',
    ]);
  });

  it('there are none where the end is reached', async () => {
    expect(await warnings({threshold: 1.5, endStep: 4})).toEqual([]);
  });

  it('of a late begin name no sparsity', async () => {
    expect(await warnings({threshold: 1.5, beginStep: 2, endStep: 6}, 4)).toEqual([
      'ThresholdPruning: the optimizer has done 4 steps since compile(), so pruning starts there ' +
        'and not at beginStep (2). Compile the model again to count from 0, or add 4 to ' +
        'beginStep and endStep.',
    ]);
  });
});

describe('bad input', () => {
  const EXPECTED = 'threshold: expected a number of at least 0, or {std: number}';

  it.each<[string, unknown, string]>([
    ['negative', {threshold: -0.1}, `${EXPECTED}, but got -0.1.`],
    ['NaN', {threshold: NaN}, `${EXPECTED}, but got NaN.`],
    ['infinite', {threshold: Infinity}, `${EXPECTED}, but got Infinity.`],
    ['missing', {}, `${EXPECTED}, but got undefined.`],
    ['null', {threshold: null}, `${EXPECTED}, but got null.`],
    ['a string', {threshold: '0.1'}, `${EXPECTED}, but got '0.1'.`],
    ['an empty object', {threshold: {}}, `${EXPECTED}, but got {}.`],
    ['two at once', {threshold: {std: 1, quantile: 0.5}}, EXPECTED],
    ['a negative std', {threshold: {std: -1}}, 'threshold.std: expected a number of at least 0'],
    ['a NaN std', {threshold: {std: NaN}}, 'threshold.std: expected a number of at least 0'],
    [
      'an unknown threshold',
      {threshold: {mean: 1}},
      'threshold.std: expected a number of at least 0',
    ],
    [
      'a share of weights',
      {threshold: {quantile: 0.5}},
      `${EXPECTED}; for a share of weights ConstantSparsity`,
    ],
    ['a scope', {threshold: 0.1, scope: 'global'}, "but got 'scope'."],
    ['a structure', {threshold: 0.1, structure: {n: 2, m: 4}}, "but got 'structure'."],
    ['ofRemaining', {threshold: 0.1, ofRemaining: true}, "but got 'ofRemaining'."],
    ['minKeep', {threshold: 0.1, minKeep: 0.1}, "but got 'minKeep'."],
    ['a beginStep of −1', {threshold: 0.1, beginStep: -1}, 'beginStep: expected an integer'],
    [
      'an endStep before the begin',
      {threshold: 0.1, beginStep: 3, endStep: 2},
      'endStep: expected an integer of at least 3, but got 2.',
    ],
    ['a frequency of 0', {threshold: 0.1, frequency: 0}, 'frequency: expected an integer'],
    ['an unknown criterion', {threshold: 0.1, criterion: 'snip'}, "but got 'snip'."],
  ])('%s is refused', (_name, args, message) => {
    const make = () => new ThresholdPruning(args as ThresholdPruningArgs);
    expect(make).toThrow(PruningError);
    expect(make).toThrow(message);
  });
});

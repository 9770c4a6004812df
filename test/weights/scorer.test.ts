import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {PruningError} from '../../lib/base/errors';
import {prunableWeights} from '../../lib/model/prunable';
import {onOptimizerStep} from '../../lib/projection/optimizer_step';
import type {CriterionContext, CriterionFunction} from '../../lib/weights/criterion';
import {Scorer} from '../../lib/weights/scorer';
import {setWeight, values} from '../setup/models';

/** x·W of one sample with x = [1, 2], whose first errors are [1, 0.6]. */
function linear(learningRate = 0.1) {
  const dense = tfl.layers.dense({units: 2, inputShape: [2], useBias: false, name: 'dense_0'});
  const model = tfl.sequential({layers: [dense]});
  setWeight(dense, 0, [1, -3, 0.25, 0.9]);
  model.compile({optimizer: tf.train.sgd(learningRate), loss: 'meanSquaredError'});
  return model;
}

/** Steps of the linear model that `scorer` observes. */
async function observed(scorer: Scorer, steps: number, model = linear()) {
  const weights = prunableWeights(model);
  const x = tf.tensor2d([[1, 2]]);
  const y = tf.tensor2d([[0.5, -1.8]]);
  const detach = onOptimizerStep(model, {
    before: (gradients) => scorer.observe(weights, gradients),
    after: () => {},
  });
  for (let step = 0; step < steps; ++step) {
    await model.trainOnBatch(x, y);
  }
  detach();
  tf.dispose([x, y]);
  return weights[0];
}

function scoresOf(scorer: Scorer, weight: ReturnType<typeof prunableWeights>[number]): number[] {
  return tf.tidy(() => [...values(scorer.score(weight, 0))]);
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4));
}

describe('criteria of the weight alone', () => {
  it('l2', () => {
    const scorer = new Scorer('l2', 1);
    const [weight] = prunableWeights(linear());
    expectClose(scoresOf(scorer, weight), [1, 9, 0.0625, 0.81]);
    expect(scorer.isWaiting).toBe(false);
  });
});

describe('criteria of the gradient', () => {
  // The gradient is [1, 2]ᵀ·error. Errors halve with each step, since 0.1·|x|² is 0.5:
  // g = [1, 0.6, 2, 1.2] and [0.5, 0.3, 1, 0.6]; w then is [0.9, −3.06, 0.05, 0.78].
  it.each([
    ['gradient', [1, 0.6, 2, 1.2], [0.75, 0.45, 1.5, 0.9]],
    ['taylor', [1, 1.8, 0.5, 1.08], [0.725, 1.359, 0.275, 0.774]],
    ['movement', [-1, 1.8, -0.5, -1.08], [-0.725, 1.359, -0.275, -0.774]],
  ] as const)('%s is of one step, and the mean of two', async (criterion, one, two) => {
    const scorer = new Scorer(criterion, 1);
    expect(scorer.isWaiting).toBe(true);
    const first = await observed(scorer, 1);
    expect(scorer.isWaiting).toBe(false);
    expectClose(scoresOf(scorer, first), one);
    scorer.dispose();
    expect(scorer.isWaiting).toBe(true);
    expectClose(scoresOf(scorer, await observed(scorer, 2)), two);
    scorer.dispose();
  });

  it.each([
    ['gradient', [0.5, 0.3, 1, 0.6]],
    ['taylor', [0.45, 0.918, 0.05, 0.468]],
  ] as const)('%s begins anew after an update', async (criterion, expected) => {
    const scorer = new Scorer(criterion, 1);
    const model = linear();
    await observed(scorer, 1, model);
    scorer.restart();
    expect(scorer.isWaiting).toBe(true);
    expectClose(scoresOf(scorer, await observed(scorer, 1, model)), expected);
    scorer.dispose();
  });

  it('movement goes on after an update', async () => {
    const scorer = new Scorer('movement', 1);
    const model = linear();
    await observed(scorer, 1, model);
    scorer.restart();
    expect(scorer.isWaiting).toBe(false);
    const weight = await observed(scorer, 1, model);
    expectClose(scoresOf(scorer, weight), [-0.725, 1.359, -0.275, -0.774]);
    scorer.dispose();
  });

  it('refuses to rank a weight that has no gradients', async () => {
    const scorer = new Scorer('taylor', 1);
    await observed(scorer, 1);
    const [other] = prunableWeights(linear());
    const message = 'criterion: expected one that needs no gradients for';
    expect(() => scoresOf(scorer, other)).toThrow(message);
    expect(() => scorer.check([{...other, trains: false}])).toThrow(message);
    scorer.check([{...other, trains: true}, other]);
    new Scorer('l2', 1).check([{...other, trains: false}]);
    scorer.dispose();
  });

  it('takes gradients as a list too', () => {
    const scorer = new Scorer('gradient', 1);
    const [weight] = prunableWeights(linear());
    const tensor = tf.tensor2d([1, -2, 3, -4], [2, 2]);
    scorer.observe([weight], [{name: weight.variable.name, tensor}]);
    expectClose(scoresOf(scorer, weight), [1, 2, 3, 4]);
    scorer.dispose();
    tensor.dispose();
  });

  it.each(['gradient', 'taylor', 'movement'] as const)(
    '%s holds one tensor a weight, through the end of a tidy',
    (criterion) => {
      const scorer = new Scorer(criterion, 1);
      const weights = prunableWeights(linear());
      const before = tf.memory().numTensors;
      for (let step = 0; step < 3; ++step) {
        tf.tidy(() =>
          scorer.observe(weights, {[weights[0].variable.name]: tf.ones<tf.Rank.R2>([2, 2])}),
        );
        expect(tf.memory().numTensors).toBe(before + 1);
      }
      scorer.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

describe('random', () => {
  const draws = (seed: number) => {
    const scorer = new Scorer('random', seed);
    const [weight] = prunableWeights(linear());
    return [scoresOf(scorer, weight), scoresOf(scorer, weight)];
  };

  it('is the same for the same seed, another at each draw, in [0, 1)', () => {
    expect(draws(3)).toEqual(draws(3));
    expect(draws(3)).not.toEqual(draws(4));
    const [first, second] = draws(3);
    expect(first).not.toEqual(second);
    [...first, ...second].forEach((score) => {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThan(1);
    });
  });
});

describe("a user's function", () => {
  it('gets the weight, its name, the step and the last gradient', () => {
    const contexts: CriterionContext[] = [];
    const scorer = new Scorer((weight, context) => {
      contexts.push(context);
      return context.gradient ? tf.add(weight, context.gradient) : tf.neg(weight);
    }, 1);
    expect(scorer.isWaiting).toBe(false);
    const [weight] = prunableWeights(linear());
    const score = (step: number) => tf.tidy(() => [...values(scorer.score(weight, step))]);
    expectClose(score(0), [-1, 3, -0.25, -0.9]);
    const gradient = tf.tensor2d([1, 1, 2, 2], [2, 2]);
    scorer.observe([weight], {[weight.variable.name]: gradient});
    expectClose(score(1), [2, -2, 2.25, 2.9]);
    expect(contexts).toEqual([
      {gradient: undefined, step: 0, layer: 'dense_0/kernel'},
      {gradient, step: 1, layer: 'dense_0/kernel'},
    ]);
    scorer.dispose();
    gradient.dispose();
  });

  it.each<[string, CriterionFunction, string]>([
    [
      'of another shape',
      function flat(weight) {
        return tf.reshape(weight, [-1]);
      },
      "criterion flat for 'dense_0/kernel' at step 7: expected scores of shape [2,2], but got '[4]'.",
    ],
    [
      'that is a number',
      function total() {
        return 1 as unknown as tf.Tensor;
      },
      "criterion total for 'dense_0/kernel' at step 7: expected a tensor of scores, but got 1.",
    ],
    [
      'that is missing',
      function nothing() {
        return undefined as unknown as tf.Tensor;
      },
      "criterion nothing for 'dense_0/kernel' at step 7: expected a tensor of scores, but got undefined.",
    ],
  ])('is refused for a result %s', (_name, criterion, message) => {
    const [weight] = prunableWeights(linear());
    const score = () => tf.tidy(() => void new Scorer(criterion, 1).score(weight, 7));
    expect(score).toThrow(PruningError);
    expect(score).toThrow(message);
  });
});

import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {
  BestWeights,
  type BestWeightsArgs,
  ChannelPruner,
  ConstantSparsity,
  getMask,
  PolynomialDecay,
  PruningError,
  QuantizeAware,
  stripPruning,
} from '../../lib';
import {data, kernel, mlp, probe, QUIET, values, zeros} from '../setup/models';

/** Tells `best` of epochs with these values of a metric, in which the first kernel is the epoch's number. */
async function told(
  model: LayersModel,
  best: BestWeights,
  metric: string,
  metrics: ReadonlyArray<number | tf.Tensor>,
) {
  best.setModel(model);
  await best.onTrainBegin();
  const [weight] = model.layers[0].weights;
  for (const [epoch, value] of metrics.entries()) {
    weight.write(tf.fill(weight.shape as number[], epoch + 1));
    await best.onEpochEnd(epoch, {[metric]: value as number});
  }
  await best.onTrainEnd();
  return values(weight)[0] - 1;
}

describe('BestWeights', () => {
  it.each<[string, BestWeightsArgs, string, number[], number]>([
    ['less of a loss', {}, 'val_loss', [3, 1, 2], 1],
    ['more of an accuracy', {metric: 'val_acc'}, 'val_acc', [0.3, 0.1, 0.3], 0],
    ['more of an output’s accuracy', {metric: 'val_a_acc'}, 'val_a_acc', [0.1, 0.2, 0], 1],
    ['less of an error', {metric: 'mse'}, 'mse', [3, 2, 2.5], 1],
    ['more where it is said', {metric: 'score', mode: 'max'}, 'score', [1, 3, 2], 1],
    ['less where it is said', {metric: 'acc', mode: 'min'}, 'acc', [1, 3, 0.5], 2],
    ['what comes late enough', {from: 2}, 'val_loss', [1, 2, 5, 4, 6], 3],
    ['no NaN', {}, 'val_loss', [NaN, 5, NaN, 4, NaN], 3],
  ])('keeps %s', async (_, args, metric, metrics, epoch) => {
    const best = new BestWeights(args);
    expect(await told(mlp(), best, metric, metrics)).toBe(epoch);
    expect([best.epoch, best.value]).toEqual([epoch, metrics[epoch]]);
  });

  it('takes scalars', async () => {
    expect(await told(mlp(), new BestWeights(), 'val_loss', [tf.scalar(2), tf.scalar(1)])).toBe(1);
  });

  it('restores weights with the masks that they had', async () => {
    const {x, y} = data(40);
    const model = mlp();
    const pruner = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.75,
      beginStep: 0,
      endStep: 3,
      unit: 'epoch',
      frequency: 1,
    });
    const states: number[][] = [];
    const seen = probe({
      onEpochEnd: async (_epoch: number, logs?: object) => {
        states.push([...kernel(model, 'dense_0')]);
        Object.assign(logs!, {score: states.length === 1 ? 1 : 0});
      },
    });
    const best = new BestWeights({metric: 'score', mode: 'max'});
    await model.fit(x, y, {...QUIET, epochs: 4, callbacks: [pruner, seen, best]});
    expect([...kernel(model, 'dense_0')]).toEqual(states[0]);
    const mask = getMask(model, 'dense_0')!;
    expect(zeros(values(mask))).toBe(zeros(states[0]));
    expect(zeros(states[0])).toBeLessThan(zeros(states[3]));
    stripPruning(model);
    const withoutSigns = states[0].map((value) => value || 0);
    expect([...kernel(model, 'dense_0')]).toEqual(withoutSigns);
  });

  it.each([
    ['steps', {endStep: 6}],
    ['epochs', {endStep: 2, unit: 'epoch', frequency: 1}],
  ] as const)('waits for the end of a schedule in %s', async (_, timing) => {
    const {x, y} = data(40);
    const model = mlp();
    const pruner = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.5,
      beginStep: 0,
      frequency: 2,
      ...timing,
    });
    // Four steps an epoch: the schedule ends in the second.
    let epochs = 0;
    const score = probe({
      onEpochEnd: async (_epoch: number, logs?: object) => {
        Object.assign(logs!, {score: epochs++});
      },
    });
    const best = new BestWeights({metric: 'score', mode: 'min', from: pruner});
    await model.fit(x, y, {
      ...QUIET,
      batchSize: 10,
      epochs: 4,
      callbacks: [pruner, score, best],
    });
    expect(best.epoch).toBe(1);
    expect(zeros(kernel(model, 'dense_0'))).toBe(kernel(model, 'dense_0').length / 2);
  });

  it('restores channels and roundings, and leaves no tensors', async () => {
    const {x, y} = data(40);
    const model = mlp();
    await model.fit(x, y, {...QUIET, epochs: 1});
    const before = tf.memory().numTensors;
    const rounding = new QuantizeAware({dtype: 4});
    const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, resume: true});
    const best = new BestWeights({metric: 'loss', mode: 'max'});
    for (let fit = 0; fit < 2; ++fit) {
      await model.fit(x, y, {...QUIET, epochs: 3, callbacks: [pruner, rounding, best]});
      expect(best.epoch).toBe(0);
    }
    const found = [...kernel(model, 'dense_0')];
    stripPruning(model);
    expect([...kernel(model, 'dense_0')]).toEqual(found);
    expect(new Set(found).size).toBeLessThanOrEqual(16);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('warns where it never came to compare', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const best = new BestWeights({from: 5});
    expect(await told(mlp(), best, 'val_loss', [3, 1, 2])).toBe(2);
    expect(warn.mock.calls.flat()).toEqual([
      'BestWeights: no epoch after 5 epochs had a val_loss, so no weights are restored.',
    ]);
    expect(best.epoch).toBeNull();
    warn.mockRestore();
  });

  it('refuses a metric that is not there', async () => {
    const {x, y} = data(10);
    const fit = mlp().fit(x, y, {...QUIET, callbacks: [new BestWeights({metric: 'val_acc'})]});
    await expect(fit).rejects.toThrow(/metric: expected a name among .*loss.*, but got 'val_acc'/);
  });

  it.each<[string, object, string]>([
    ['an option', {monitor: 'acc'}, 'BestWeights: expected options among metric, mode, from'],
    ['a metric', {metric: 1}, 'metric: expected a name'],
    ['a mode', {mode: 'auto'}, "mode: expected 'max' or 'min'"],
    ['a number', {from: -1}, 'from: expected an integer of at least 0'],
    ['no pruner', {from: {}}, 'from: expected a number of epochs, or a callback that prunes'],
  ])('refuses %s', (_, args, message) => {
    const make = () => new BestWeights(args as BestWeightsArgs);
    expect(make).toThrow(PruningError);
    expect(make).toThrow(message);
  });

  it('goes with a pruner of channels', () => {
    const args = {initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 4};
    expect(() => new BestWeights({from: new ChannelPruner(args)})).not.toThrow();
  });
});

it('weights that are put back by hand under a mask keep their zeros when stripped', async () => {
  const {x, y} = data(40);
  const model = mlp();
  const at = (sparsity: number) =>
    new ConstantSparsity({targetSparsity: sparsity, beginStep: 0, resume: true});
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [at(0.25)]});
  const kept = model.getWeights().map((weight) => tf.clone(weight));
  const before = values(kept[0]);
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [at(0.5)]});
  const mask = [...values(getMask(model, 'dense_0')!)];
  model.setWeights(kept);
  stripPruning(model);
  const found = [...kernel(model, 'dense_0')];
  expect(found).toEqual([...before].map((value, i) => value * mask[i] || 0));
});

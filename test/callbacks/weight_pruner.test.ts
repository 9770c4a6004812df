import type * as tfl from '@tensorflow/tfjs-layers';

import {
  ChannelPruner,
  constantSparsity,
  DynamicSparsity,
  exponentialDecay,
  NeuronPruner,
  piecewiseConstant,
  polynomialDecay,
  PolynomialDecay,
  PruningError,
  stripPruning,
  WeightPruner,
  type WeightPrunerArgs,
} from '../../lib/index';
import {QUIET, data, kernel, mlp, probe, zeros} from '../setup/models';

const DECAY = {initialSparsity: 0.25, finalSparsity: 0.75, beginStep: 0, endStep: 6, frequency: 2};

/** The zeros of the first kernel, of 24, after each of 8 steps. */
async function counts(callback: tfl.Callback, epochs = 2): Promise<number[]> {
  const model = mlp();
  const {x, y} = data();
  const found: number[] = [];
  const onBatchEnd = async () => void found.push(zeros(kernel(model, 'dense_0')));
  await model.fit(x, y, {...QUIET, epochs, callbacks: [callback, probe({onBatchEnd})]});
  stripPruning(model);
  return found;
}

it('prunes at the steps of a list', async () => {
  const schedule = piecewiseConstant([
    [1, 0.25],
    [3, 0.5],
    [6, 0.75],
  ]);
  expect(await counts(new WeightPruner({schedule}))).toEqual([6, 6, 12, 12, 12, 18, 18, 18]);
});

it('prunes by any function', async () => {
  const schedule = (step: number) => Math.min(0.75, step / 8);
  const pruner = new WeightPruner({schedule, endStep: 7, frequency: 2});
  expect(await counts(pruner)).toEqual([0, 6, 6, 12, 12, 18, 18, 18]);
  expect([0, 4, 8].map((step) => pruner.sparsityAt(step))).toEqual([0, 0.5, 0.75]);
});

it('prunes as PolynomialDecay does, by its schedule', async () => {
  const pruner = new WeightPruner({schedule: polynomialDecay(DECAY)});
  expect(await counts(pruner)).toEqual(await counts(new PolynomialDecay(DECAY)));
});

it('prunes exponentially', async () => {
  const schedule = exponentialDecay({...DECAY, initialSparsity: 0, frequency: 3});
  // 1 − 0.25^(t/6)
  expect(await counts(new WeightPruner({schedule}))).toEqual([0, 0, 12, 12, 12, 18, 18, 18]);
});

it('prunes by epochs', async () => {
  const schedule = piecewiseConstant([
    [1, 0.25],
    [2, 0.5],
  ]);
  expect(await counts(new WeightPruner({schedule, unit: 'epoch'}))).toEqual([
    0, 0, 0, 6, 6, 6, 6, 12,
  ]);
});

it('takes a sparsity of its own for a layer', async () => {
  const schedule = constantSparsity({sparsity: 0.5});
  expect((await counts(new WeightPruner({schedule, layers: {dense_0: 0.25}})))[7]).toBe(6);
});

describe('a schedule in place of a decay', () => {
  const schedule = piecewiseConstant([
    [1, 0.25],
    [5, 0.5],
  ]);

  it('is one for neurons', async () => {
    const pruner = new NeuronPruner({schedule});
    await counts(pruner);
    expect(pruner.sparsity).toBe(0.5);
    expect([0, 1, 5].filter((step) => pruner.isUpdateStep(step))).toEqual([1, 5]);
  });

  it('is one for filters', () => {
    expect(new ChannelPruner({schedule}).sparsityAt(3)).toBe(0.25);
  });

  it('is one for surgery', async () => {
    const pruner = new DynamicSparsity({method: 'surgery', schedule});
    expect((await counts(pruner))[7]).toBe(12);
  });
});

it('is an epoch for dynamic sparsity too', async () => {
  const decay = {initialSparsity: 0.25, finalSparsity: 0.5, beginStep: 1, endStep: 2};
  const surgery = new DynamicSparsity({
    ...decay,
    method: 'surgery',
    unit: 'epoch',
    frequency: 1,
  });
  expect(await counts(surgery)).toEqual([0, 0, 0, 6, 6, 6, 6, 12]);
  const rigl = new DynamicSparsity({
    method: 'rigl',
    sparsity: 0.5,
    endStep: 3,
    unit: 'epoch',
    frequency: 1,
  });
  expect(await counts(rigl, 3)).toEqual(new Array(12).fill(12));
});

it.each<[string, object, string]>([
  ['no schedule', {}, 'schedule'],
  ['a sparsity', {schedule: 0.5}, 'schedule'],
  ['an unknown option', {schedule: () => 0.5, power: 3}, 'WeightPruner'],
  ['another unit', {schedule: () => 0.5, unit: 'batch'}, 'unit'],
])('refuses %s', (_what, args, argument) => {
  const make = () => new WeightPruner(args as WeightPrunerArgs);
  expect(make).toThrow(PruningError);
  expect(make).toThrow(`${argument}: expected`);
});

it('refuses a function that gives no sparsity when it is asked', async () => {
  const model = mlp();
  const {x, y} = data();
  const before = kernel(model, 'dense_0');
  const callbacks = [new WeightPruner({schedule: () => 2})];
  await expect(model.fit(x, y, {...QUIET, callbacks})).rejects.toThrow(
    'schedule(0): expected a number in [0, 1), but got 2.',
  );
  expect(kernel(model, 'dense_0')).toEqual(before);
});

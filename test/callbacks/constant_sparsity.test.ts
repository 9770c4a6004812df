import * as tf from '@tensorflow/tfjs-core';

import {ConstantSparsity, PruningError, stripPruning, type ConstantSparsityArgs} from '../../lib';
import {QUIET, data, kernel, kernelZeros, mlp, probe, zeroPositions, zeros} from '../setup/models';

const ARGS: ConstantSparsityArgs = {targetSparsity: 0.5, beginStep: 3};

describe('the schedule', () => {
  it('is the target from the begin on', () => {
    const pruner = new ConstantSparsity(ARGS);
    expect([0, 2, 3, 4, 1e6].map((step) => pruner.sparsityAt(step))).toEqual([0, 0, 0.5, 0.5, 0.5]);
  });

  it('is updated each 100 steps without an end unless told', () => {
    const pruner = new ConstantSparsity(ARGS);
    const updates = [...Array(400).keys()].filter((step) => pruner.isUpdateStep(step));
    expect(updates).toEqual([3, 103, 203, 303]);
    expect(pruner.isUpdateStep(1_000_003)).toBe(true);
  });

  it('is updated up to the end and at it', () => {
    const pruner = new ConstantSparsity({...ARGS, endStep: 10, frequency: 3});
    const updates = [...Array(30).keys()].filter((step) => pruner.isUpdateStep(step));
    expect(updates).toEqual([3, 6, 9, 10]);
  });

  it('may end where it begins', () => {
    const pruner = new ConstantSparsity({...ARGS, endStep: 3});
    expect([2, 3, 4].map((step) => pruner.isUpdateStep(step))).toEqual([false, true, false]);
    expect(pruner.sparsityAt(4)).toBe(0.5);
  });
});

describe('in a fit', () => {
  it('has ended with its first update, if it has no end', async () => {
    const {x, y} = data(40);
    const pruner = new ConstantSparsity(ARGS);
    const ended: boolean[] = [];
    const note = async () => void ended.push(pruner.hasEnded);
    await mlp().fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner, probe({onBatchEnd: note})]});
    expect(ended).toEqual([false, false, true, true]);
  });

  it('prunes at the begin, the smallest weights, and holds them', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05)});
    const {x, y} = data();
    const pruner = new ConstantSparsity({...ARGS, frequency: 1});
    const kernels: Float32Array[] = [];
    const note = async () => void kernels.push(kernel(model, 'dense_0'));
    const callbacks = [pruner, probe({onTrainBegin: note, onBatchEnd: note})];
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
    expect(kernels.map(zeros)).toEqual([0, 0, 0, ...Array(6).fill(12)]);
    const masks = kernels.slice(3).map(zeroPositions);
    masks.forEach((mask) => expect(mask).toEqual(masks[0]));
    stripPruning(model);
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(masks[0]);
  });

  it('prunes the weights that are smallest at the begin', async () => {
    const model = mlp();
    const before = kernel(model, 'dense_0').map(Math.abs);
    const pruner = new ConstantSparsity({...ARGS, beginStep: 0});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    const smallest = [...before.keys()].sort((a, b) => before[a] - before[b]).slice(0, 12);
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(smallest.sort((a, b) => a - b));
    await pruner.onTrainEnd();
    stripPruning(model);
  });

  it('takes the sparsity of a layer of its own', async () => {
    const model = mlp();
    const {x, y} = data();
    const layers = {dense_0: 0.75, dense_1: false} as const;
    const pruner = new ConstantSparsity({...ARGS, layers});
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    expect(kernelZeros(model)).toEqual([18, 0]);
  });

  it('warns of nothing where its end is not reached, since nothing changes until there', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const {x, y} = data();
    const callbacks = [new ConstantSparsity({...ARGS, endStep: 50})];
    await mlp().fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('prunes a model that was trained past its end', async () => {
    const model = mlp();
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 2});
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const callbacks = [new ConstantSparsity({...ARGS, endStep: 5})];
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    warn.mockRestore();
    expect(kernelZeros(model)).toEqual([12, 6]);
  });
});

describe('bad input', () => {
  const refused: [string, Record<string, unknown>, string][] = [
    [
      'targetSparsity −0.1',
      {targetSparsity: -0.1},
      'targetSparsity: expected a number in [0, 1), but got -0.1.',
    ],
    [
      'targetSparsity 1',
      {targetSparsity: 1},
      'targetSparsity: expected a number in [0, 1), but got 1.',
    ],
    [
      'targetSparsity NaN',
      {targetSparsity: NaN},
      'targetSparsity: expected a number in [0, 1), but got NaN.',
    ],
    [
      "targetSparsity '0.5'",
      {targetSparsity: '0.5'},
      "targetSparsity: expected a number in [0, 1), but got '0.5'.",
    ],
    ['beginStep −1', {beginStep: -1}, 'beginStep: expected an integer of at least 0, but got -1.'],
    [
      'beginStep NaN',
      {beginStep: NaN},
      'beginStep: expected an integer of at least 0, but got NaN.',
    ],
    [
      'endStep before beginStep',
      {endStep: 2},
      'endStep: expected an integer of at least 3, but got 2.',
    ],
    ['endStep −2', {endStep: -2}, 'endStep: expected an integer of at least 3, but got -2.'],
    ['frequency 0', {frequency: 0}, 'frequency: expected an integer of at least 1, but got 0.'],
    [
      'frequency 1.5',
      {frequency: 1.5},
      'frequency: expected an integer of at least 1, but got 1.5.',
    ],
    ['an unknown option', {sparsity: 0.5}, "but got 'sparsity'."],
    ['an option of another class', {power: 3}, "but got 'power'."],
    [
      'an unknown scope',
      {scope: null},
      "scope: expected 'layer' or 'global' or 'erk', but got null.",
    ],
    ['an unknown unit', {unit: 'batch'}, "unit: expected 'step' or 'epoch', but got 'batch'."],
    ["resume 'yes'", {resume: 'yes'}, "resume: expected true or false, but got 'yes'."],
  ];

  it.each(refused)('%s is refused', (_name, args, message) => {
    const make = () => new ConstantSparsity({...ARGS, ...args});
    expect(make).toThrow(PruningError);
    expect(make).toThrow(message);
  });
});

import * as tf from '@tensorflow/tfjs-core';

import {PolynomialDecay, PruningError, stripPruning, type PolynomialDecayArgs} from '../../lib';
import {pruneCount} from '../../lib/weights/prune_count';
import {QUIET, data, kernel, kernelZeros, mlp, probe, zeros} from '../setup/models';

const ARGS: PolynomialDecayArgs = {
  initialSparsity: 0.5,
  finalSparsity: 0.9,
  beginStep: 10,
  endStep: 25,
};

/** Zeros of the first kernel after each of 12 steps under `args`, and at the start. */
async function zerosBySteps(
  args: Partial<PolynomialDecayArgs>,
  name = 'dense_0',
): Promise<number[]> {
  const model = mlp({optimizer: tf.train.momentum(0.1, 0.9)});
  const {x, y} = data();
  const pruner = new PolynomialDecay({...ARGS, ...args});
  const counts: number[] = [];
  const count = async () => void counts.push(zeros(kernel(model, name)));
  const callbacks = [pruner, probe({onTrainBegin: count, onBatchEnd: count})];
  await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
  stripPruning(model);
  tf.dispose([x, y]);
  return counts;
}

describe('the schedule', () => {
  it('is the formula at every step', () => {
    const [initial, final, begin, end, power] = [0.15, 0.875, 13, 1200, 3];
    const pruner = new PolynomialDecay({
      initialSparsity: initial,
      finalSparsity: final,
      beginStep: begin,
      endStep: end,
    });
    for (let t = begin; t <= end; ++t) {
      const wanted = final + (initial - final) * (1 - (t - begin) / (end - begin)) ** power;
      expect(Math.abs(pruner.sparsityAt(t) - wanted)).toBeLessThan(1e-6);
    }
    expect(pruner.sparsityAt(begin - 1)).toBe(0);
    expect(pruner.sparsityAt(end + 1)).toBe(final);
  });

  it('is a line for power 1', () => {
    const pruner = new PolynomialDecay({...ARGS, beginStep: 0, endStep: 4, power: 1});
    [0.5, 0.6, 0.7, 0.8, 0.9].forEach((sparsity, step) =>
      expect(pruner.sparsityAt(step)).toBeCloseTo(sparsity, 12),
    );
  });

  it('is cubic unless told', () => {
    const pruner = new PolynomialDecay({...ARGS, beginStep: 0, endStep: 400});
    expect(pruner.sparsityAt(200)).toBeCloseTo(0.9 - 0.4 / 8, 12);
  });

  it.each([
    [10, 1],
    [400, 20],
    [2000, 100],
    [4000, 100],
  ])('of %d steps is updated each %d unless told', (endStep, frequency) => {
    const pruner = new PolynomialDecay({...ARGS, beginStep: 0, endStep});
    const updates = [...Array(endStep + 50).keys()].filter((step) => pruner.isUpdateStep(step));
    const wanted = [...Array(endStep / frequency + 1).keys()].map((i) => i * frequency);
    expect(updates).toEqual(wanted);
  });

  it('is updated at the begin, each frequency and the end', () => {
    const pruner = new PolynomialDecay({...ARGS, frequency: 4});
    const updates = [...Array(40).keys()].filter((step) => pruner.isUpdateStep(step));
    expect(updates).toEqual([10, 14, 18, 22, 25]);
  });

  it('is one update where begin equals end', () => {
    const pruner = new PolynomialDecay({...ARGS, beginStep: 7, endStep: 7});
    expect([6, 7, 8].map((step) => pruner.sparsityAt(step))).toEqual([0, 0.9, 0.9]);
    expect([6, 7, 8].map((step) => pruner.isUpdateStep(step))).toEqual([false, true, false]);
  });
});

describe('in a fit', () => {
  it('prunes to the schedule at each update and holds between them', async () => {
    // s = 0.1, 0.4, 0.7 at 2, 5, 8 and 0.75 at 9 of N = 24, linear: 0.1 + 0.65·(t − 2)/7.
    const counts = await zerosBySteps({
      initialSparsity: 0.1,
      finalSparsity: 0.75,
      beginStep: 2,
      endStep: 9,
      frequency: 3,
      power: 1,
    });
    const at = (step: number) => Math.round(24 * (0.1 + (0.65 * (step - 2)) / 7));
    expect(counts).toEqual([
      ...[0, 0],
      ...[at(2), at(2), at(2)],
      ...[at(5), at(5), at(5)],
      at(8),
      ...[18, 18, 18, 18],
    ]);
  });

  it('prunes before the first step where it begins at 0', async () => {
    const counts = await zerosBySteps({beginStep: 0, endStep: 4, frequency: 2, power: 1});
    // 0.5, 0.7 and 0.9 of 24.
    expect(counts).toEqual([12, 12, 17, 17, ...Array(9).fill(22)]);
  });

  it('reaches the target at an end that is no multiple of the frequency', async () => {
    const counts = await zerosBySteps({beginStep: 0, endStep: 11, frequency: 5, power: 1});
    expect(counts[10]).toBeLessThan(22);
    expect(counts.slice(11)).toEqual([22, 22]);
  });

  it('prunes all at once where begin equals end', async () => {
    const counts = await zerosBySteps({beginStep: 6, endStep: 6});
    expect(counts).toEqual([...Array(6).fill(0), ...Array(7).fill(22)]);
  });

  it('refuses a schedule that falls', () => {
    const falling = {initialSparsity: 0.75, finalSparsity: 0.25, beginStep: 1, endStep: 9};
    expect(() => new PolynomialDecay(falling)).toThrow(
      'finalSparsity: expected at least initialSparsity (0.75), since what is pruned stays ' +
        'pruned, but got 0.25.',
    );
  });

  it('leaves a layer with a final sparsity of 0 whole', async () => {
    const layers = {dense_0: 0};
    const counts = await zerosBySteps({beginStep: 0, endStep: 4, frequency: 1, layers});
    expect(counts).toEqual(Array(13).fill(0));
  });

  it('takes a layer to a final sparsity above that of the others', async () => {
    const layers = {dense_1: 0.75};
    const args = {initialSparsity: 0.25, finalSparsity: 0.5, power: 1, frequency: 1, layers};
    const counts = await zerosBySteps({...args, beginStep: 0, endStep: 4}, 'dense_1');
    // 0.25 + 0.125·t of 12.
    expect(counts).toEqual([3, 5, 6, 8, ...Array(9).fill(9)]);
  });

  it('starts a layer at no more than its own final sparsity', async () => {
    const layers = {dense_0: 0.25};
    const counts = await zerosBySteps({beginStep: 0, endStep: 4, frequency: 1, layers});
    expect(counts).toEqual(Array(13).fill(6));
  });

  it('only ever adds zeros, round(N·s) of them, whatever the weights do', async () => {
    const model = mlp({optimizer: tf.train.adam(0.3), units: [7, 5, 2]});
    const {x, y} = data();
    const pruner = new PolynomialDecay({
      initialSparsity: 0,
      finalSparsity: 0.97,
      beginStep: 0,
      endStep: 12,
      frequency: 1,
    });
    const before = new Map<string, Float32Array>();
    const check = async () => {
      const sparsity = pruner.sparsityAt(model.optimizer.iterations);
      for (const {name} of model.layers) {
        const now = kernel(model, name);
        expect(zeros(now)).toBe(pruneCount(now.length, sparsity));
        before.get(name)?.forEach((value, i) => {
          expect(value === 0 && now[i] !== 0).toBe(false);
        });
        before.set(name, now);
      }
    };
    const callbacks = [pruner, probe({onBatchEnd: check})];
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    expect(kernelZeros(model)).toEqual([27, 34, 9]);
  });
});

describe('bad input', () => {
  const refused: [string, Record<string, unknown>, string][] = [
    [
      'initialSparsity −0.1',
      {initialSparsity: -0.1},
      'initialSparsity: expected a number in [0, 1), but got -0.1.',
    ],
    [
      'initialSparsity 1',
      {initialSparsity: 1},
      'initialSparsity: expected a number in [0, 1), but got 1.',
    ],
    [
      'initialSparsity missing',
      {initialSparsity: undefined},
      'initialSparsity: expected a number in [0, 1), but got undefined.',
    ],
    [
      'finalSparsity −0.1',
      {finalSparsity: -0.1},
      'finalSparsity: expected a number in [0, 1), but got -0.1.',
    ],
    [
      'finalSparsity 1',
      {finalSparsity: 1},
      'finalSparsity: expected a number in [0, 1), but got 1.',
    ],
    [
      'finalSparsity NaN',
      {finalSparsity: NaN},
      'finalSparsity: expected a number in [0, 1), but got NaN.',
    ],
    [
      "finalSparsity '0.5'",
      {finalSparsity: '0.5'},
      "finalSparsity: expected a number in [0, 1), but got '0.5'.",
    ],
    ['beginStep −1', {beginStep: -1}, 'beginStep: expected an integer of at least 0, but got -1.'],
    [
      'beginStep 0.5',
      {beginStep: 0.5},
      'beginStep: expected an integer of at least 0, but got 0.5.',
    ],
    [
      'beginStep missing',
      {beginStep: undefined},
      'beginStep: expected an integer of at least 0, but got undefined.',
    ],
    [
      'endStep before beginStep',
      {endStep: 9},
      'endStep: expected an integer of at least 10, but got 9.',
    ],
    [
      'endStep infinite',
      {endStep: Infinity},
      'endStep: expected an integer of at least 10, but got Infinity.',
    ],
    ['endStep −1', {endStep: -1}, 'endStep: expected an integer of at least 10, but got -1.'],
    ['frequency 0', {frequency: 0}, 'frequency: expected an integer of at least 1, but got 0.'],
    [
      'frequency 1.5',
      {frequency: 1.5},
      'frequency: expected an integer of at least 1, but got 1.5.',
    ],
    ['power 0', {power: 0}, 'power: expected a number above 0, but got 0.'],
    ['power infinite', {power: Infinity}, 'power: expected a number above 0, but got Infinity.'],
    ["power '3'", {power: '3'}, "power: expected a number above 0, but got '3'."],
    ['an unknown option', {finalSparsitty: 0.5}, "but got 'finalSparsitty'."],
    ['an option of another class', {targetSparsity: 0.5}, "but got 'targetSparsity'."],
    [
      'an unknown scope',
      {scope: 'model'},
      "scope: expected 'layer' or 'global' or 'erk', but got 'model'.",
    ],
    ['an unknown unit', {unit: 'steps'}, "unit: expected 'step' or 'epoch', but got 'steps'."],
    ['resume 1', {resume: 1}, 'resume: expected true or false, but got 1.'],
    [
      'layers of a wrong kind',
      {layers: 'dense'},
      'layers: expected a predicate, a map from name to sparsity or false, ',
    ],
    [
      'a layer sparsity of 1',
      {layers: {a: 1}},
      "layers['a']: expected a number in [0, 1), but got 1.",
    ],
  ];

  it.each(refused)('%s is refused', (_name, args, message) => {
    const make = () => new PolynomialDecay({...ARGS, ...args});
    expect(make).toThrow(PruningError);
    expect(make).toThrow(message);
  });

  it('no arguments are refused', () => {
    const make = () => new PolynomialDecay(undefined as unknown as PolynomialDecayArgs);
    expect(make).toThrow('PolynomialDecay: expected an object of options, but got undefined.');
  });

  it('an unknown option is answered with the known ones', () => {
    const make = () => new PolynomialDecay({...ARGS, other: 1} as PolynomialDecayArgs);
    expect(make).toThrow(
      'PolynomialDecay: expected options among initialSparsity, finalSparsity, beginStep, endStep, ' +
        "frequency, power, layers, criterion, scope, minKeep, structure, ofRemaining, seed, unit, resume, normalization, but got 'other'.",
    );
  });
});

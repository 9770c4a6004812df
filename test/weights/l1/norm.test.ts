import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {groupNorm, groupSoftThreshold, l1Norm, softThreshold} from '../../../lib/weights/l1/norm';
import {values} from '../../setup/models';

const run = (f: () => tf.Tensor) => {
  const result = tf.tidy(f);
  const numbers = [...values(result)];
  result.dispose();
  return numbers;
};
/** Whether each is a +0 where zero is wanted: −0 does not compress. */
const hasMinusZero = (numbers: number[]) => numbers.some((value) => Object.is(value, -0));

const number = fc.float({min: -4, max: 4, noNaN: true, noDefaultInfinity: true});
const matrix = fc
  .tuple(fc.integer({min: 1, max: 5}), fc.integer({min: 1, max: 5}))
  .chain(([rows, columns]) =>
    fc
      .array(number, {minLength: rows * columns, maxLength: rows * columns})
      .map((numbers) => ({rows, columns, numbers})),
  );
const threshold = fc.float({min: Math.fround(0.01), max: 3, noNaN: true});
const column = (numbers: number[], columns: number, i: number) =>
  numbers.filter((_, at) => at % columns === i);
const norm = (numbers: number[]) => Math.hypot(...numbers);

describe('l1Norm', () => {
  it('is the sum of magnitudes', () => {
    expect(
      run(() =>
        l1Norm(
          tf.tensor2d([
            [1, -2],
            [0, 4.5],
          ]),
        ),
      ),
    ).toEqual([7.5]);
  });

  it('has the gradient of signs, 0 at 0', () => {
    const gradient = tf.grad((w: tf.Tensor) => tf.mul(l1Norm(w), 3));
    expect(run(() => gradient(tf.tensor1d([2, -0.5, 0])))).toEqual([3, -3, 0]);
  });
});

describe('groupNorm', () => {
  it('is the sum of column norms, times the root of the rows', () => {
    // √2·(√(9 + 16) + 0)
    const [value] = run(() =>
      groupNorm(
        tf.tensor2d([
          [3, 0],
          [-4, 0],
        ]),
        [0],
      ),
    );
    expect(value).toBeCloseTo(Math.SQRT2 * 5, 5);
  });

  it('has the gradient of directions, 0 for a group of zeros', () => {
    const gradient = tf.grad((w: tf.Tensor) => groupNorm(w, [0]));
    const found = run(() =>
      gradient(
        tf.tensor2d([
          [3, 0],
          [-4, 0],
        ]),
      ),
    );
    [0.6, 0, -0.8, 0].forEach((wanted, i) => expect(found[i]).toBeCloseTo(wanted * Math.SQRT2, 5));
  });
});

describe('groups with a bias', () => {
  const kernel = () => tf.tensor4d([3, 0, 0, -2, 4, 0, 0, 1], [1, 2, 2, 2]);
  const bias = () => tf.tensor1d([12, 2]);

  it('have it in their norm', () => {
    // √5·(√(9 + 16 + 144) + √(4 + 1 + 4))
    const [value] = run(() => groupNorm(kernel(), [0, 1, 2], bias()));
    expect(value).toBeCloseTo(Math.sqrt(5) * 16, 4);
  });

  it('have a gradient by both', () => {
    const gradients = tf.grads((w: tf.Tensor, b: tf.Tensor) => groupNorm(w, [0, 1, 2], b));
    const [byKernel, byBias] = [0, 1].map((i) => run(() => gradients([kernel(), bias()])[i]));
    [3, 0, 0, -2, 4, 0, 0, 1].forEach((each, i) =>
      expect(byKernel[i]).toBeCloseTo((Math.sqrt(5) * each) / (i % 2 === 0 ? 13 : 3), 5),
    );
    [12 / 13, 2 / 3].forEach((each, i) => expect(byBias[i]).toBeCloseTo(Math.sqrt(5) * each, 5));
  });

  it('shrink together', () => {
    // √5·threshold = 6.5 takes half of a norm of 13, and all of 3.
    const threshold = 6.5 / Math.sqrt(5);
    const [ofKernel, ofBias] = [0, 1].map((i) =>
      run(() => groupSoftThreshold(kernel(), [0, 1, 2], threshold, bias())[i]),
    );
    [1.5, 0, 0, 0, 2, 0, 0, 0].forEach((each, i) => expect(ofKernel[i]).toBeCloseTo(each, 5));
    [6, 0].forEach((each, i) => expect(ofBias[i]).toBeCloseTo(each, 5));
  });
});

describe('softThreshold', () => {
  it('shrinks by the threshold to exact zeros', () => {
    const found = run(() => softThreshold(tf.tensor1d([2, -2, 0.5, -0.5, 0.25, -0.25, 0]), 0.5));
    expect(found).toEqual([1.5, -1.5, 0, 0, 0, 0, 0]);
    expect(hasMinusZero(found)).toBe(false);
  });

  it('is the formula', () => {
    fc.assert(
      fc.property(fc.array(number, {minLength: 1, maxLength: 12}), threshold, (numbers, t) => {
        const found = run(() => softThreshold(tf.tensor1d(numbers), t));
        expect(hasMinusZero(found)).toBe(false);
        numbers.forEach((w, i) => {
          const wanted = Math.sign(w) * Math.max(Math.abs(w) - t, 0);
          expect(Math.abs(found[i] - wanted)).toBeLessThan(1e-6);
          expect(found[i] === 0).toBe(Math.abs(w) <= t);
        });
      }),
      {numRuns: 30},
    );
  });
});

describe('groupSoftThreshold', () => {
  it('shortens columns, and zeroes short ones as a whole', () => {
    // √2·threshold = 1: a column of norm 5 keeps 4/5, one of norm 0.5 nothing.
    const weight = () =>
      tf.tensor2d([
        [3, 0.3, 0],
        [-4, -0.4, 0],
      ]);
    const found = run(() => groupSoftThreshold(weight(), [0], Math.SQRT1_2)[0]);
    [2.4, 0, 0, -3.2, 0, 0].forEach((wanted, i) => expect(found[i]).toBeCloseTo(wanted, 5));
    expect(found.filter((value) => value === 0)).toHaveLength(4);
    expect(hasMinusZero(found)).toBe(false);
  });

  it('is the formula', () => {
    fc.assert(
      fc.property(matrix, threshold, ({rows, columns, numbers}, t) => {
        const found = run(
          () => groupSoftThreshold(tf.tensor2d(numbers, [rows, columns]), [0], t)[0],
        );
        numbers.forEach((w, at) => {
          const length = norm(column(numbers, columns, at % columns));
          const kept = length === 0 ? 0 : Math.max(1 - (Math.sqrt(rows) * t) / length, 0);
          expect(Math.abs(found[at] - w * kept)).toBeLessThan(1e-5);
        });
      }),
      {numRuns: 30},
    );
  });
});

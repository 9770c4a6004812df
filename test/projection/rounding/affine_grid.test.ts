import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {affineGrid, roundToGrid} from '../../../lib/projection/rounding/affine_grid';

/** The numbers that are nearest on the grid of `levels`. */
const rounded = (values: number[], levels: number) =>
  tf.tidy(() => [...roundToGrid(tf.tensor1d(values, 'float32'), levels, false).dataSync()]);

describe('affineGrid', () => {
  it.each([
    [-1, 3, 4, 1, 1],
    [-1, 1, 255, 2 / 255, 128],
    // Zero belongs to it where all numbers are of one sign.
    [2, 4, 4, 1, 0],
    [-8, -4, 4, 2, 4],
    // 0.5 of 15 steps from −0.5 to 7 is the step 1, halfway to 2.
    [-0.75, 6.75, 15, 0.5, 2],
    [0, 0, 255, 1, 0],
  ])('from %d to %d in %d steps', (low, high, levels, scale, zeroPoint) => {
    expect(affineGrid(low, high, levels)).toEqual({scale, zeroPoint});
  });
});

describe('roundToGrid', () => {
  it('takes the nearest number, from halfway away from zero', () => {
    // Steps of 1 from −1 to 3.
    const values = [-1, -0.5, -0.49, 0, 0.49, 0.5, 1.5, 2.4, 2.5, 3];
    expect(rounded(values, 4)).toEqual([-1, -1, 0, 0, 0, 1, 2, 2, 3, 3]);
  });

  it('moves the ends where zero would lie between two steps', () => {
    // Steps of 0.5 from −0.75 to 6.75: −1 to 6.5.
    expect(rounded([-0.75, 0, 6.75, 6.4], 15)).toEqual([-1, 0, 6.5, 6.5]);
  });

  it.each([10, 6.3, 0.7, 1e-3])('gives the same again for numbers from −%d to it', (end) => {
    // Both ends lie halfway between two steps.
    for (const levels of [3, 15, 255, 65535]) {
      const once = rounded([end, -end, 0], levels);
      const again = rounded(once, levels);
      again.forEach((value, i) => {
        expect(Math.abs(value - once[i])).toBeLessThan((0.1 * end) / levels);
      });
    }
  });

  it('leaves zeros alone, their sign too', () => {
    const zeros = rounded([0, -0, 1e-9, -1e-9, 5, -3], 255);
    expect(zeros.slice(0, 4).every((value) => Object.is(value, 0))).toBe(true);
    expect(rounded([0, 0], 255)).toEqual([0, 0]);
  });

  it('gives each channel its own steps', () => {
    const values = tf.tensor2d([1, 0.1, 0.4, 0.04, 3, 0.3], [3, 2]);
    const each = [...roundToGrid(values, 3, true).dataSync()];
    [1, 0.1, 0, 0, 3, 0.3].forEach((value, i) => expect(each[i]).toBeCloseTo(value, 6));
    const together = [...roundToGrid(values, 3, false).dataSync()];
    expect(together).toEqual([1, 0, 0, 0, 3, 0]);
  });

  it('rounds weights that are all tiny', () => {
    const values = [3e-9, 1e-9, -1e-9, 1.2e-9];
    const expected = [3e-9, 1e-9, -1e-9, 1e-9];
    rounded(values, 4).forEach((value, i) => expect(value / expected[i]).toBeCloseTo(1, 6));
  });

  it('gives zeros where the steps would be too small for floats', () => {
    expect(rounded([1e-45, -1e-45, 0], 255)).toEqual([0, 0, 0]);
  });

  it('gives at most levels + 1 numbers, within half a step, and again the same', () => {
    const decimal = fc.integer({min: -10000, max: 10000}).map((value) => value / 1000);
    const any = fc.float({min: -1, max: 1, noNaN: true});
    const either = fc.oneof(
      ...[decimal, any].map((one) => fc.array(one, {minLength: 1, maxLength: 40})),
      // Evenly around zero, or nearly so, where the ends are halfway between two steps.
      fc
        .tuple(decimal, fc.integer({min: -9, max: 9}), fc.array(any, {maxLength: 8}))
        .map(([end, off, others]) => [end, -end * (1 + off * 2 ** -23), ...others]),
    );
    fc.assert(
      fc.property(either, fc.constantFrom(3, 15, 255, 65535), (list, levels) => {
        const values = [...Float32Array.from(list)];
        const once = rounded(values, levels);
        const range = Math.max(...values, 0) - Math.min(...values, 0);
        expect(new Set(once).size).toBeLessThanOrEqual(levels + 1);
        // 4e-7 count as halfway, the rest is the rounding of floats.
        const least = levels * 2 ** -126;
        const largest = range / levels / 2 + 6e-7 * range + least;
        once.forEach((value, i) => {
          expect(Math.abs(value - values[i])).toBeLessThanOrEqual(largest);
        });
        const again = rounded(once, levels);
        again.forEach((value, i) => {
          expect(Math.abs(value - once[i])).toBeLessThanOrEqual(2.5e-7 * range + least);
        });
      }),
      {endOnFailure: true},
    );
  });
});

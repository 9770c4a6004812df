import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {affineGrid, roundToGrid} from '../lib/affine_grid';

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

  it('gives at most levels + 1 numbers, within half a step, and again the same', () => {
    const number = fc.integer({min: -10000, max: 10000}).map((value) => value / 1000);
    fc.assert(
      fc.property(
        fc.array(number, {minLength: 1, maxLength: 40}),
        fc.constantFrom(3, 15, 255, 65535),
        (values, levels) => {
          const once = rounded(values, levels);
          const {scale} = affineGrid(Math.min(...values), Math.max(...values), levels);
          expect(new Set(once).size).toBeLessThanOrEqual(levels + 1);
          once.forEach((value, i) => {
            // The ends move by up to half a step for the zero.
            expect(Math.abs(value - values[i])).toBeLessThanOrEqual(scale * 1.001);
          });
          const again = rounded(once, levels);
          again.forEach((value, i) => expect(Math.abs(value - once[i])).toBeLessThan(1e-5));
        },
      ),
      {numRuns: 100, seed: 1, endOnFailure: true},
    );
  });
});

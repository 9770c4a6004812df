import * as tf from '@tensorflow/tfjs-core';

import {scoresOf, twoUnits} from './scores';

describe('gradientChange', () => {
  it('is the norm of the change over the weights that are left', async () => {
    // a, b = 1, 2 and c, d = 3, 1: an output of 5, where 4 is wanted. The gradients of
    // (a, b, c, d) are (6, 2, 2, 4); without a those of b, d are (−4, −8), and without b
    // those of a, c are (−6, −2).
    const model = twoUnits([1, 2], [3, 1]);
    const calibration = {x: tf.tensor2d([[1]]), y: tf.tensor2d([[4]])};
    const expected = [Math.hypot(6, 12), Math.hypot(12, 4)].map((each) => Number(each.toFixed(4)));
    expect(await scoresOf(model, 'p', {importance: 'gradientChange', calibration})).toEqual(
      expected,
    );
  });
});

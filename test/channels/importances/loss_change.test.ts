import * as tf from '@tensorflow/tfjs-core';

import {scoresOf, twoUnits} from './scores';

const importance = 'lossChange';

describe('lossChange', () => {
  // Units at (1, 3) and (3, 0), so that the outputs are 6 and 9.
  const model = () => twoUnits([1, -1, 0, 2], [3, 1], 'relu');
  const x = () => tf.tensor2d([1, 2, 3, -1], [2, 2]);

  it.each<[number[], number[]]>([
    // Losses of 1/2, and without a unit of (9 + 64)/2 or of 10/2.
    [
      [6, 8],
      [36, 4.5],
    ],
    // A loss of 9/2, and without a unit of 81/2 or of 0: a gain, but a change.
    [
      [3, 9],
      [36, 4.5],
    ],
  ])('for targets %j is %j', async (targets, expected) => {
    const calibration = {x: x(), y: tf.tensor2d(targets, [2, 1])};
    expect(await scoresOf(model(), 'p', {importance, calibration})).toEqual(expected);
    const batchSize = 1;
    expect(
      await scoresOf(model(), 'p', {importance, calibration: {...calibration, batchSize}}),
    ).toEqual(expected);
  });

  it('passes over what is pruned', async () => {
    const calibration = {x: x(), y: tf.tensor2d([6, 8], [2, 1])};
    const calls = jest.spyOn(tf.engine(), 'runKernel');
    const matMuls = () => calls.mock.calls.filter(([name]) => /MatMul/.test(name)).length;
    await scoresOf(model(), 'p', {importance, calibration});
    const all = matMuls();
    calls.mockClear();
    expect(await scoresOf(model(), 'p', {importance, calibration}, [0])).toEqual([0, 4.5]);
    // Of one evaluation as it is and one for each unit.
    expect(matMuls() / all).toBeCloseTo(2 / 3);
    calls.mockRestore();
  });
});

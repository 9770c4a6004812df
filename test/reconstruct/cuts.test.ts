import * as tf from '@tensorflow/tfjs-core';

import {inCuts} from '../../lib/reconstruct/cuts';
import {Moments} from '../../lib/reconstruct/moments';
import {pruneSmallest} from '../../lib/weights/threshold';
import {zeros} from '../setup/models';
import {directSolution, randomProblem} from './direct';

const select = (count: number) => (scores: tf.Tensor, before: tf.Tensor, share: number) =>
  pruneSmallest(scores, before, Math.round(count * share));

describe('inCuts', () => {
  it('lets a weight grow that makes up for one that is gone, by hand', () => {
    // The first two inputs are the same, and worth 1.5 + 2; the last two are alone.
    const x = tf.tensor3d([[
      [1, 1, 0, 0], [-1, -1, 0, 0], [0, 0, 1, 0], [0, 0, -1, 0], [0, 0, 0, 1], [0, 0, 0, -1],
    ]]); // prettier-ignore
    const weights = tf.tensor3d([[[1.5], [2], [3], [0.1]]]);
    const moments = new Moments({groups: 1, inputs: 4, outputs: 1}, false);
    moments.add(x, tf.matMul(x, weights));
    // One weight of four stays. By magnitude alone that is the third, worth 3 of 6.5.
    const found = inCuts(moments, weights, select(3), 0.25);
    expect([...found.mask.dataSync()]).toEqual([0, 1, 0, 0]);
    expect(found.weights.dataSync()[1]).toBeCloseTo(3.5, 1);
    moments.dispose();
  });

  it.each([0.5, 0.3, 0.1, 0])('ends with as many weights as are to stay: %f', (kept) => {
    const problem = randomProblem('white', 5);
    const {n, d, m, x, y} = problem;
    const moments = new Moments({groups: 1, inputs: d, outputs: m}, false);
    const rows = [tf.tensor(Float32Array.from(x), [1, n, d])];
    rows.push(tf.tensor(Float32Array.from(y), [1, n, m]));
    moments.add(rows[0], rows[1]);
    const dense = directSolution({...problem, mask: problem.mask.map(() => 1)}, 1e-9);
    // A zero that is there counts and stays.
    const start = Float32Array.from(dense).fill(0, 0, 1);
    const weights = tf.tensor(start, [1, d, m]);
    const count = Math.max(1, Math.round((1 - kept) * d * m));
    const before = tf.memory().numTensors;
    const found = inCuts(moments, weights, select(count), 1 - count / (d * m));
    expect(tf.memory().numTensors).toBe(before + 2);
    const mask = found.mask.dataSync();
    expect(zeros(mask)).toBe(count);
    expect(mask[0]).toBe(0);
    const values = found.weights.dataSync();
    mask.forEach((keeps, i) => keeps === 1 || expect(values[i]).toBe(0));
    tf.dispose([...rows, weights, found.weights, found.mask]);
    moments.dispose();
  });
});

import * as tf from '@tensorflow/tfjs-core';

import {admm} from '../../lib/reconstruct/admm';
import {Moments} from '../../lib/reconstruct/moments';
import {pruneSmallest} from '../../lib/weights/threshold';
import {zeros} from '../setup/models';
import {directSolution, KINDS, objective, randomProblem, ridgeOf} from './direct';

const select = (count: number) => (scores: tf.Tensor, before: tf.Tensor, share: number) =>
  pruneSmallest(scores, before, Math.round(count * share));

describe('admm', () => {
  it('keeps the weight that serves for two, by hand', () => {
    // The first two inputs are the same, and worth 2 + 2; the third is worth 3.
    const x = tf.tensor3d([[[1, 1, 0], [-1, -1, 0], [0, 0, 1], [0, 0, -1]]]); // prettier-ignore
    const weights = tf.tensor3d([[[2], [2], [3]]]);
    const moments = new Moments({groups: 1, inputs: 3, outputs: 1}, false);
    moments.add(x, tf.matMul(x, weights));
    const found = admm(moments, weights, select(2));
    // By magnitude the third would stay; one of the first two can give 4.
    const mask = [...found.mask.dataSync()];
    expect(mask[2]).toBe(0);
    expect(zeros(mask)).toBe(2);
    const left = [...found.weights.dataSync()].find((value) => value !== 0);
    expect(left).toBeGreaterThan(2.5);
    moments.dispose();
  });

  it('finds better masks than magnitude on most problems, with as many zeros, and keeps no tensors', () => {
    for (const kind of KINDS) {
      const problem = randomProblem(kind, 9);
      const {n, d, m, x, y} = problem;
      const rows = [
        tf.tensor(Float32Array.from(x), [1, n, d]),
        tf.tensor(Float32Array.from(y), [1, n, m]),
      ];
      // The dense weights that made the outputs.
      const dense = directSolution({...problem, mask: problem.mask.map(() => 1)}, 1e-9);
      const weights = tf.tensor(Float32Array.from(dense), [1, d, m]);
      const moments = new Moments({groups: 1, inputs: d, outputs: m}, false);
      moments.add(rows[0], rows[1]);
      const count = Math.round(0.7 * d * m);
      const before = tf.memory().numTensors;
      const found = admm(moments, weights, select(count));
      expect(tf.memory().numTensors).toBe(before + 2);
      const mask = found.mask.dataSync();
      expect(zeros(mask)).toBe(count);
      expect(zeros(found.weights.dataSync())).toBeGreaterThanOrEqual(count);
      const order = [...dense.keys()].sort((a, b) => Math.abs(dense[a]) - Math.abs(dense[b]));
      const small = new Set(order.slice(0, count));
      const ridge = ridgeOf(problem);
      const errorWith = (kept: Float64Array) => {
        const one = {...problem, mask: kept, start: dense.map((w, i) => w * kept[i])};
        return objective(one, directSolution(one, ridge), 0);
      };
      const magnitude = errorWith(dense.map((_, i) => (small.has(i) ? 0 : 1)));
      const better = errorWith(Float64Array.from(mask));
      expect(better).toBeLessThan((kind === 'smooth' ? 1.2 : 1) * magnitude);
      tf.dispose([...rows, weights, found.weights, found.mask]);
      moments.dispose();
    }
  });
});

import * as tf from '@tensorflow/tfjs-core';

import {Moments} from '../../lib/reconstruct/moments';
import {dampingOf, solveMasked} from '../../lib/reconstruct/solver';
import {
  centered,
  directSolution,
  KINDS,
  objective,
  type Problem,
  randomProblem,
  ridgeOf,
} from './direct';

const ofShape = (numbers: Float64Array, shape: number[]) =>
  tf.tensor(Float32Array.from(numbers), shape);

/** The moments of a problem, from batches of 70 rows. */
function momentsOf({x, y, n, d, m}: Problem, isCentral = false): Moments {
  const moments = new Moments({groups: 1, inputs: d, outputs: m}, isCentral);
  for (let i = 0; i < n; i += 70) {
    const rows = Math.min(70, n - i);
    const [px, py] = [
      ofShape(x.subarray(i * d, (i + rows) * d), [1, rows, d]),
      ofShape(y.subarray(i * m, (i + rows) * m), [1, rows, m]),
    ];
    moments.add(px, py);
    tf.dispose([px, py]);
  }
  return moments;
}

function solve(problem: Problem, moments: Moments): Float32Array {
  const {d, m, start, mask} = problem;
  return tf.tidy(() => {
    const solved = solveMasked(moments, {
      start: ofShape(start, [1, d, m]),
      mask: ofShape(mask, [1, d, m]),
      ridge: dampingOf(moments),
      steps: 30,
    });
    return Float32Array.from(solved.dataSync());
  });
}

describe('solveMasked', () => {
  it('solves by hand: y = 2·x of two inputs that are the same, of which one is pruned', () => {
    const moments = new Moments({groups: 1, inputs: 2, outputs: 1}, false);
    moments.add(tf.tensor3d([[[1, 1], [2, 2]]]), tf.tensor3d([[[2], [4]]])); // prettier-ignore
    const solved = tf.tidy(() =>
      solveMasked(moments, {
        start: tf.tensor3d([[[1], [0]]]),
        mask: tf.tensor3d([[[1], [0]]]),
        ridge: 0,
        steps: 3,
      }).dataSync(),
    );
    expect([...solved]).toEqual([2, 0]);
    moments.dispose();
  });

  for (const kind of KINDS) {
    it(`is within 1e-3 of the least objective: ${kind}`, () => {
      for (let seed = 1; seed <= 3; ++seed) {
        const problem = randomProblem(kind, seed);
        const ridge = ridgeOf(problem);
        const moments = momentsOf(problem);
        const solved = solve(problem, moments);
        moments.dispose();
        const least = objective(problem, directSolution(problem, ridge), ridge);
        expect(objective(problem, problem.start, ridge)).toBeGreaterThan(1.01 * least);
        expect(objective(problem, solved, ridge)).toBeLessThan(1.001 * least);
        problem.mask.forEach((kept, i) => kept === 1 || expect(solved[i]).toBe(0));
      }
    });
  }

  it('takes away the means where there is a bias, also where they are large', () => {
    const given = randomProblem('white', 4);
    const problem = {...given, x: given.x.map((value) => value + 100)};
    const moments = momentsOf(problem, true);
    const solved = solve(problem, moments);
    moments.dispose();
    const central = centered(problem);
    const ridge = ridgeOf(central);
    const least = objective(central, directSolution(central, ridge), ridge);
    expect(objective(central, solved, ridge)).toBeLessThan(1.001 * least);
  });

  it('leaves weights whose inputs are always zero as they are', () => {
    const given = randomProblem('white', 5);
    const {d, m} = given;
    const problem = {...given, x: given.x.map((value, i) => (i % d === 7 ? 0 : value))};
    const moments = momentsOf(problem);
    const solved = solve(problem, moments);
    moments.dispose();
    for (let j = 0; j < m; ++j) {
      expect(solved[7 * m + j]).toBe(Math.fround(problem.start[7 * m + j]));
    }
  });

  it('gives finite numbers for inputs that never change, and for none', () => {
    for (const value of [0, 3]) {
      const given = randomProblem('white', 6);
      const problem = {...given, x: given.x.map(() => value), y: given.y.map(() => value)};
      for (const isCentral of [true, false]) {
        const moments = momentsOf(problem, isCentral);
        expect(solve(problem, moments).every(Number.isFinite)).toBe(true);
        moments.dispose();
      }
    }
  });

  it('solves for groups alone', () => {
    const problems = [1, 2, 3].map((seed) => randomProblem('white', seed));
    const [{d, m, n}] = problems;
    const stacked = (key: 'x' | 'y' | 'start' | 'mask', columns: number) =>
      tf.stack(problems.map((each) => ofShape(each[key], [each[key].length / columns, columns])));
    const together = tf.tidy(() => {
      const moments = new Moments({groups: 3, inputs: d, outputs: m}, false);
      moments.add(stacked('x', d), stacked('y', m));
      const solved = solveMasked(moments, {
        start: stacked('start', m),
        mask: stacked('mask', m),
        ridge: dampingOf(moments),
        steps: 30,
      });
      const values = Float32Array.from(solved.dataSync());
      moments.dispose();
      return values;
    });
    expect(n).toBe(300);
    problems.forEach((problem, i) => {
      const moments = momentsOf(problem);
      solve(problem, moments).forEach((value, at) =>
        expect(together[i * d * m + at]).toBeCloseTo(value, 4),
      );
      moments.dispose();
    });
  });

  it('keeps no tensors', () => {
    const problem = randomProblem('white', 7);
    const before = tf.memory().numTensors;
    const moments = momentsOf(problem, true);
    solve(problem, moments);
    tf.dispose([moments.energy, ...moments.means()]);
    moments.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('Moments', () => {
  it('gives the residual of weights, by hand', () => {
    const moments = new Moments({groups: 1, inputs: 1, outputs: 1}, true);
    moments.add(tf.tensor3d([[[1], [3]]]), tf.tensor3d([[[10], [30]]]));
    moments.add(tf.tensor3d([[[5]]]), tf.tensor3d([[[50]]]));
    // Variance of x: 8/3, of y: 800/3. At a weight of 10 nothing is left, at 7: 9·8/3.
    const at = (weight: number) => moments.residual(tf.tensor3d([[[weight]]])).dataSync()[0];
    expect(at(10)).toBeCloseTo(0, 3);
    expect(at(7)).toBeCloseTo(24, 3);
    expect(moments.energy.dataSync()[0]).toBeCloseTo(800 / 3, 3);
    expect(moments.means().map((mean) => mean.dataSync()[0])).toEqual([3, 30]);
  });
});

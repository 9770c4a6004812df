import {memory, tensor2d} from '@tensorflow/tfjs-core';

import {Elimination} from '../../lib/reconstruct/elimination';
import {directSolution, objective, type Problem, randomProblem} from './direct';

const RIDGE = 0.05;

/** The problem of the weights that are best for all inputs: nothing is masked. */
function whole(seed: number): Problem {
  const problem = randomProblem('correlated', seed);
  const everywhere = problem.mask.map(() => 1);
  return {...problem, mask: everywhere, start: problem.start.map(() => 0)};
}

function gramOf({x, n, d}: Problem): number[] {
  return Array.from({length: d * d}, (_, at) => {
    const [a, b] = [Math.floor(at / d), at % d];
    let sum = a === b ? RIDGE * n : 0;
    for (let i = 0; i < n; ++i) {
      sum += x[i * d + a] * x[i * d + b];
    }
    return sum / n;
  });
}

/** The least objective once the inputs in `gone` are away, and all others are solved for again. */
function least(problem: Problem, gone: readonly number[]): number {
  const mask = problem.mask.map((_, i) => (gone.includes(Math.floor(i / problem.m)) ? 0 : 1));
  return objective(problem, directSolution({...problem, mask}, RIDGE), RIDGE);
}

describe('Elimination', () => {
  it('costs what a direct solution without the block says, also after others went', async () => {
    const problem = whole(3);
    const {d, m} = problem;
    const [size, blocks] = [5, 8];
    const gram = tensor2d(gramOf(problem), [d, d]);
    const weights = tensor2d(Float32Array.from(directSolution(problem, RIDGE)), [d, m]);
    const before = memory().numTensors;
    const elimination = await Elimination.of(gram, weights);
    const gone: number[] = [];
    for (const remove of [[], [2], [0, 5]]) {
      const rows = remove.flatMap((block) => rowsOf(block, size));
      gone.push(...rows);
      if (rows.length > 0) {
        await elimination.remove(rows);
      }
      const now = least(problem, gone);
      const costs = await elimination.costs(blocks, size);
      for (let block = 0; block < blocks; ++block) {
        if (!gone.includes(block * size)) {
          const wanted = least(problem, [...gone, ...rowsOf(block, size)]) - now;
          expect(Math.abs(costs[block] / wanted - 1)).toBeLessThan(1e-2);
        }
      }
    }
    elimination.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('finds by hand what a copy makes up for', async () => {
    // Two inputs that are the same, but for damping, and one by itself.
    const gram = tensor2d([1.01, 1, 0, 1, 1.01, 0, 0, 0, 1.01], [3, 3]);
    const elimination = await Elimination.of(gram, tensor2d([3, 1, 1], [3, 1]));
    const [first, copy, alone] = await elimination.costs(3, 1);
    // The cost is w² over the entry of the inverse, which is 1.01 / (1.01² − 1).
    expect(first).toBeCloseTo((9 * (1.01 ** 2 - 1)) / 1.01, 3);
    expect(copy).toBeCloseTo((1.01 ** 2 - 1) / 1.01, 3);
    expect(alone).toBeCloseTo(1.01, 3);
    await elimination.remove([1]);
    expect((await elimination.costs(1, 1))[0]).toBeCloseTo((3 + 1 / 1.01) ** 2 * 1.01, 2);
    elimination.dispose();
  });
});

function rowsOf(block: number, size: number): number[] {
  return Array.from({length: size}, (_, i) => block * size + i);
}

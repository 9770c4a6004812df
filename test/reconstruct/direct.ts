import {random} from '../setup/models';

/** A least-squares problem of plain numbers, row by row. */
export interface Problem {
  n: number;
  d: number;
  m: number;
  x: Float64Array;
  y: Float64Array;
  /** 1 for weights to solve for. */
  mask: Float64Array;
  start: Float64Array;
}

export type Kind = 'white' | 'correlated' | 'few samples' | 'scales' | 'far from zero' | 'smooth';

export const KINDS: readonly Kind[] = [
  'white',
  'correlated',
  'few samples',
  'scales',
  'far from zero',
  'smooth',
];

/** A problem whose outputs are those of dense weights, and whose start is these, pruned. */
export function randomProblem(kind: Kind, seed: number): Problem {
  const [n, d, m] = kind === 'few samples' ? [30, 60, 4] : [300, 50, 4];
  const next = random(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const base = Float64Array.from({length: n * d}, normal);
  const x = base.slice();
  const mix = Float64Array.from({length: d * d}, normal);
  for (let i = 0; i < n; ++i) {
    for (let j = 0; j < d; ++j) {
      const at = i * d + j;
      if (kind === 'correlated') {
        x[at] = 0;
        for (let k = 0; k < d; ++k) {
          x[at] += (base[i * d + k] * mix[k * d + j]) / (1 + k);
        }
      } else if (kind === 'scales') {
        x[at] *= 10 ** ((-3 * j) / d);
      } else if (kind === 'far from zero') {
        x[at] += 5;
      } else if (kind === 'smooth' && j > 0) {
        x[at] = 0.97 * x[at - 1] + 0.1 * base[at];
      }
    }
  }
  const weights = Float64Array.from({length: d * m}, normal);
  const mask = weights.map((weight) => (Math.abs(weight) > 0.9 ? 1 : 0));
  return {
    n,
    d,
    m,
    x,
    y: product(x, weights, n, d, m),
    mask,
    start: weights.map((w, i) => w * mask[i]),
  };
}

/** [n, d] times [d, m]. */
export function product(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  n: number,
  d: number,
  m: number,
): Float64Array {
  const made = new Float64Array(n * m);
  for (let i = 0; i < n; ++i) {
    for (let k = 0; k < d; ++k) {
      for (let j = 0; j < m; ++j) {
        made[i * m + j] += a[i * d + k] * b[k * m + j];
      }
    }
  }
  return made;
}

/** The problem with the means of inputs and outputs taken away. */
export function centered(problem: Problem): Problem {
  const {n, d, m} = problem;
  const without = (values: Float64Array, columns: number) => {
    const means = new Float64Array(columns);
    values.forEach((value, i) => (means[i % columns] += value / n));
    return values.map((value, i) => value - means[i % columns]);
  };
  return {...problem, x: without(problem.x, d), y: without(problem.y, m)};
}

/** 1 % of the mean of the diagonal of XᵀX/n. */
export function ridgeOf({x, n, d}: Problem): number {
  return (0.01 * x.reduce((sum, value) => sum + value * value, 0)) / n / d;
}

/** ‖X·W − Y‖²/n + ridge·‖W − start‖². */
export function objective(problem: Problem, weights: ArrayLike<number>, ridge: number): number {
  const {x, y, n, d, m, start} = problem;
  const error = product(x, weights, n, d, m).reduce((sum, v, i) => sum + (v - y[i]) ** 2, 0);
  return error / n + start.reduce((sum, v, i) => sum + ridge * (weights[i] - v) ** 2, 0);
}

/** The minimum, by a Cholesky factorization for each output, in float64. */
export function directSolution(problem: Problem, ridge: number): Float64Array {
  const {x, y, n, d, m, mask, start} = problem;
  const solution = start.slice();
  for (let j = 0; j < m; ++j) {
    const kept = [...Array(d).keys()].filter((k) => mask[k * m + j] === 1);
    const dot = (a: number, b: (i: number) => number) => {
      let sum = 0;
      for (let i = 0; i < n; ++i) {
        sum += x[i * d + a] * b(i);
      }
      return sum / n;
    };
    const matrix = kept.map((a) =>
      kept.map((b) => dot(a, (i) => x[i * d + b]) + (a === b ? ridge : 0)),
    );
    const target = kept.map((a) => dot(a, (i) => y[i * m + j]) + ridge * start[a * m + j]);
    cholesky(matrix, target).forEach((value, k) => (solution[kept[k] * m + j] = value));
  }
  return solution;
}

function cholesky(matrix: number[][], target: number[]): number[] {
  const size = target.length;
  const solved = [...target];
  for (let j = 0; j < size; ++j) {
    for (let i = j; i < size; ++i) {
      for (let k = 0; k < j; ++k) {
        matrix[i][j] -= matrix[i][k] * matrix[j][k];
      }
      matrix[i][j] = i === j ? Math.sqrt(matrix[i][j]) : matrix[i][j] / matrix[j][j];
    }
  }
  for (let i = 0; i < size; ++i) {
    for (let k = 0; k < i; ++k) {
      solved[i] -= matrix[i][k] * solved[k];
    }
    solved[i] /= matrix[i][i];
  }
  for (let i = size - 1; i >= 0; --i) {
    for (let k = i + 1; k < size; ++k) {
      solved[i] -= matrix[k][i] * solved[k];
    }
    solved[i] /= matrix[i][i];
  }
  return solved;
}

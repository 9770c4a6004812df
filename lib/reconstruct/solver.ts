import {
  add,
  dispose,
  divNoNan,
  maximum,
  mean,
  mul,
  sub,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';

/**
 * A least-squares problem ‖X·W − Y‖² / n, known by its moments alone. Tensors
 * have a first axis of independent groups: one for most layers, one for each
 * channel of a depthwise convolution.
 */
export interface LeastSquares {
  /** XᵀX/n times `weights` [groups, inputs, outputs]. */
  gram(weights: Tensor): Tensor;
  /** XᵀY/n, of shape [groups, inputs, outputs]. */
  readonly product: Tensor;
  /** The diagonal of XᵀX/n, of shape [groups, inputs, 1]. */
  readonly diagonal: Tensor;
}

/** How a problem is solved. */
export interface SolveArgs {
  /** Where the steps start, of shape [groups, inputs, outputs]. */
  start: Tensor;
  /** 1 for weights to solve for, 0 for those that stay as they are in `start`. */
  mask: Tensor;
  /** Weight of the distance to `toward`, a number or [groups, 1, 1]. */
  ridge: Tensor | number;
  /** What the ridge pulls to. Default: `start`. */
  toward?: Tensor;
  /** Number of steps. */
  steps: number;
}

/** Share of the mean diagonal that holds weights in place whose inputs say nothing of them. */
const DAMPING = 0.01;

/** A ridge of 1 % of the mean of the diagonal, of shape [groups, 1, 1]. */
export function dampingOf({diagonal}: LeastSquares): Tensor {
  return mul(mean(diagonal, 1, true), DAMPING);
}

/**
 * Minimizes ‖X·W − Y‖²/n + ridge·‖W − toward‖² over the weights that `mask`
 * keeps, by conjugate gradients that are preconditioned by the diagonal, all
 * outputs at once. A step is one product by the Gram matrix; nothing is
 * inverted and nothing read, so that it runs on every backend.
 *
 * @returns The weights, which the caller owns.
 */
export function solveMasked(problem: LeastSquares, args: SolveArgs): Tensor {
  const {start, mask, ridge, toward = start, steps} = args;
  const operator = (weights: Tensor) => add(problem.gram(weights), mul(weights, ridge));
  const scale = tidy(() => divNoNan(1, add(maximum(problem.diagonal, 0), ridge)));
  let state = tidy(() => {
    const target = add(problem.product, mul(toward, ridge));
    const residual = mul(sub(target, operator(start)), mask);
    const direction = mul(residual, scale);
    const energy = sum(mul(residual, direction), 1, true);
    return [add(start, 0), residual, direction, energy];
  });
  for (let step = 0; step < steps; ++step) {
    const former = state;
    state = tidy(() => {
      const [weights, residual, direction, energy] = former;
      const image = mul(operator(direction), mask);
      const length = divNoNan(energy, sum(mul(direction, image), 1, true));
      const left = sub(residual, mul(image, length));
      const scaled = mul(left, scale);
      const next = sum(mul(left, scaled), 1, true);
      return [
        add(weights, mul(direction, length)),
        left,
        add(scaled, mul(direction, divNoNan(next, energy))),
        next,
      ];
    });
    dispose(former);
  }
  const [weights, ...rest] = state;
  dispose([scale, ...rest]);
  return weights;
}

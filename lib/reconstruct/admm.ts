import {
  add,
  cast,
  dispose,
  div,
  maximum,
  mul,
  notEqual,
  ones,
  onesLike,
  sqrt,
  square,
  sub,
  type Tensor,
  tidy,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';

import type {ChosenWeights, Select} from './mask_chooser';
import {dampingOf, type LeastSquares, solveMasked} from './solver';

/** Rounds, of which the first half has a sparsity that rises. */
const ROUNDS = 30;
/** Steps of conjugate gradients in a round, from the weights of the last. */
const STEPS = 5;
/** Weight of the distance between the weights and the sparse ones. */
const PENALTY = 1;

/**
 * Chooses the weights that go, by the alternating direction method of
 * multipliers (Boža 2024, https://arxiv.org/abs/2401.02938): weights that solve
 * the problem are drawn to sparse ones, by turns with sparse ones that follow
 * them. Slower than a criterion, and better, since it looks at the weights
 * together.
 *
 * Inputs are scaled to a mean square of 1. Each round solves for the weights by
 * conjugate gradients from those of the last, where the paper has an inverse.
 *
 * @param weights Those of the dense model, [groups, inputs, outputs]. Their zeros stay.
 * @param select Chooses by scores, the squares of scaled weights.
 * @returns The sparse weights and their mask, owned by the caller.
 */
export function admm(problem: LeastSquares, weights: Tensor, select: Select): ChosenWeights {
  const scaled = scaledProblem(problem, weights);
  const everywhere = tidy(() => onesLike(weights));
  const before = tidy(() => cast(notEqual(weights, 0), 'float32'));
  // The weights, the sparse ones, what they differ by in all, and the mask.
  let state = tidy(() => {
    const start = mul(weights, scaled.norm);
    return [start, add(start, 0), mul(start, 0), add(before, 0)];
  });
  for (let round = 1; round <= ROUNDS; ++round) {
    const former = state;
    state = tidy(() => {
      const [dense, , drift] = former;
      const moved = add(dense, drift);
      const mask = select(square(moved), before, shareAt(round));
      const sparse = mul(moved, mask);
      const next = sub(moved, sparse);
      const toward = sub(sparse, next);
      const args = {start: dense, mask: everywhere, ridge: PENALTY, toward, steps: STEPS};
      return [solveMasked(scaled, args), sparse, next, mask];
    });
    dispose(former);
  }
  const [dense, sparse, drift, mask] = state;
  const found = tidy(() => where(cast(mask, 'bool'), div(sparse, scaled.norm), zerosLike(sparse)));
  dispose([dense, sparse, drift, everywhere, before]);
  scaled.dispose();
  return {weights: found, mask};
}

/** The share of the zeros that there are in a round: a cubic rise over the first half. */
function shareAt(round: number): number {
  return 1 - (1 - Math.min(1, (2 * round) / ROUNDS)) ** 3;
}

interface ScaledProblem extends LeastSquares {
  /** What inputs were divided by and weights multiplied, [groups, inputs, 1]. */
  readonly norm: Tensor;
  dispose(): void;
}

/** The problem with damping toward `weights`, for inputs with a mean square of 1. */
function scaledProblem(problem: LeastSquares, weights: Tensor): ScaledProblem {
  const [ridge, norm, product, diagonal] = tidy(() => {
    const damping = dampingOf(problem);
    const lengths = maximum(sqrt(add(problem.diagonal, damping)), 1e-8);
    const pulled = div(add(problem.product, mul(weights, damping)), lengths);
    return [damping, lengths, pulled, ones(lengths.shape)];
  });
  const gram = (scaled: Tensor) =>
    tidy(() => {
      const own = div(scaled, norm);
      return div(add(problem.gram(own), mul(own, ridge)), norm);
    });
  return {gram, norm, product, diagonal, dispose: () => dispose([ridge, norm, product, diagonal])};
}

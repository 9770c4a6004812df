import {
  abs,
  add,
  cast,
  equal,
  logicalAnd,
  logicalNot,
  matMul,
  max,
  mul,
  notEqual,
  reshape,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tidy,
  where,
} from '@tensorflow/tfjs-core';

import type {Moments} from './moments';
import type {SiteWeights, WeightedMap} from './site';
import {dampingOf, solveMasked} from './solver';

/** Steps of conjugate gradients: more change no accuracy that was measured. */
const STEPS = 30;

/**
 * The weights that bring a site nearest to what it is to give. Zeros of the
 * kernel stay zero, and weights whose inputs are always zero stay what they are.
 *
 * @returns New weights, owned by the caller.
 */
export function solveSite(site: WeightedMap, moments: Moments): SiteWeights {
  const {map} = site;
  const own = site.read('pruned');
  const dense = site.read('dense');
  const weights = tidy(() => {
    const start = map.toMatrix(own.kernel);
    const isKept = notEqual(start, 0);
    const mask = cast(isKept, 'float32');
    const solved = solveMasked(moments, {start, mask, ridge: dampingOf(moments), steps: STEPS});
    // A select, since a product by the mask would change the sign of some zeros.
    const matrix = where(isKept, solved, start);
    const kernel = map.toKernel(matrix);
    if (!own.bias || !dense.bias) {
      return [kernel];
    }
    const [meanX, meanY] = moments.means();
    const shift = reshape(sub(meanY, matMul(meanX, matrix)), [-1]);
    return [kernel, where(silentOutputs(site), own.bias, add(dense.bias, shift))];
  });
  return {kernel: weights[0], bias: weights[1] ?? null};
}

/**
 * How far a site with these weights is from what it is to give, and how far one
 * would be that gives the mean: two numbers, [2]. Outputs that are gone do not count.
 */
export function errorsOf(site: WeightedMap, moments: Moments, weights: SiteWeights): Tensor {
  return tidy(() => {
    const matrix = site.map.toMatrix(weights.kernel);
    const counts = cast(logicalNot(silentOutputs(site)), 'float32');
    const total = (perOutput: Tensor) => sum(mul(reshape(perOutput, [-1]), counts));
    const residual = moments.residual(matrix);
    const energy = total(moments.energy);
    const {bias} = site.read('dense');
    if (!weights.bias || !bias) {
      return stack([total(residual), energy]);
    }
    const [meanX, meanY] = moments.means();
    const offset = add(reshape(sub(matMul(meanX, matrix), meanY), [-1]), sub(weights.bias, bias));
    return stack([add(total(residual), total(square(offset))), energy]);
  });
}

/**
 * Which outputs are zero for good, as those of pruned channels: without a weight
 * and without a bias. Bool, in the order of the bias.
 */
function silentOutputs(site: WeightedMap): Tensor {
  const {kernel, bias} = site.read('pruned');
  const largest = reshape(max(abs(site.map.toMatrix(kernel)), 1), [-1]);
  const isDead = equal(largest, 0);
  return bias ? logicalAnd(isDead, equal(bias, 0)) : isDead;
}

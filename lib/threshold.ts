import type {Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  add,
  cast,
  cumsum,
  engine,
  greater,
  greaterEqual,
  isNaN as isNaNTensor,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  max,
  maximum,
  min,
  minimum,
  mul,
  ones,
  reshape,
  scalar,
  sub,
  sum,
  tidy,
  topk,
  where,
} from '@tensorflow/tfjs-core';

import {isHostBackend, pruneSmallestOnHost} from './host_selection';

/** The largest finite float32; WebGL is not reliable with infinities. */
const LARGEST = 3.4028234663852886e38;

/** Passes of `byBisection`: what is left is below 2⁻³² of the scores' range. */
const BISECTION_PASSES = 32;

/**
 * How many of `size` weights are zero at a sparsity: the nearest integer, half
 * up, and at least one weight left.
 *
 * @example
 * pruneCount(5, 0.5); //=> 3
 */
export function pruneCount(size: number, sparsity: number): number {
  return Math.min(Math.round(size * sparsity), size - 1);
}

/**
 * The mask that keeps all but the `count` smallest scores, as float32 1 and 0.
 * Exactly `count` elements are zero: ties go by position, earlier ones first.
 *
 * Elements that `mask` has pruned count as the smallest and stay pruned, also
 * where they are more than `count`. With a NaN among the scores the result is
 * `mask` as it was.
 *
 * Runs on the device: nothing is read back. On WebGL and WebGPU, scores closer
 * than 2⁻³² of their range count as ties.
 *
 * @param scores float32 of any shape.
 * @param mask The present mask, of the same shape; `null` for none.
 */
export function pruneSmallest(scores: Tensor, mask: Tensor | null, count: number): Tensor {
  return isHostBackend()
    ? pruneSmallestOnHost(scores, mask, count)
    : pruneSmallestOnDevice(scores, mask, count);
}

/** `pruneSmallest` composed of tfjs operations, for any backend. */
export function pruneSmallestOnDevice(scores: Tensor, mask: Tensor | null, count: number): Tensor {
  return tidy(() => {
    const flat = reshape(scores, [-1]);
    const before = mask ? reshape(mask, [-1]) : ones([scores.size]);
    const live = logicalAnd(greater(before, 0), greaterEqual(flat, -LARGEST));
    // NaN compares false: it is ranked like the pruned, and overruled below.
    const ranked = where(live, flat, scalar(-LARGEST));
    const {fromCut, aboveCut} = cut(ranked, live, count);
    // What is above the lower but not the upper end of the cut is a tie, and
    // goes by its position among the ties.
    const position = cumsum(sub(cast(fromCut, 'int32'), cast(aboveCut, 'int32')), 0);
    const ties = sub(count, sub(scores.size, sum(cast(fromCut, 'int32'))));
    const kept = logicalOr(aboveCut, logicalAnd(fromCut, greater(position, ties)));
    const spoilt = cast(isNaNTensor(sum(flat)), 'float32');
    return reshape(mul(before, maximum(cast(kept, 'float32'), spoilt)), scores.shape);
  });
}

/** Where the cut is: between what is not `fromCut` and what is `aboveCut` lie only ties. */
interface Cut {
  fromCut: Tensor;
  aboveCut: Tensor;
}

function cut(ranked: Tensor, live: Tensor, count: number): Cut {
  const backend = engine().backend as Partial<TensorFlowBackend>;
  if (backend.executeSingleOutput && !backend.isUsingGpuDevice) {
    return at(ranked, nthElement(backend as TensorFlowBackend, ranked, Math.max(count - 1, 0)));
  }
  if (backend.executeSingleOutput) {
    // CUDA has no NthElement, but its TopK is a radix sort for a large k.
    return at(ranked, min(topk(ranked, ranked.size - Math.max(count - 1, 0), false).values));
  }
  return byBisection(ranked, live, count);
}

function at(ranked: Tensor, value: Tensor): Cut {
  return {fromCut: greaterEqual(ranked, value), aboveCut: greater(ranked, value)};
}

/** What is used of tfjs-node's backend. */
interface TensorFlowBackend {
  isUsingGpuDevice: boolean;
  binding: Record<'TF_ATTR_BOOL' | 'TF_ATTR_TYPE' | 'TF_FLOAT', number>;
  executeSingleOutput(name: string, attributes: object[], inputs: Tensor[]): Tensor;
}

/** The n-th smallest value, n from 0, by TensorFlow's own selection in O(N). */
function nthElement(backend: TensorFlowBackend, values: Tensor, n: number): Tensor {
  const {TF_ATTR_BOOL, TF_ATTR_TYPE, TF_FLOAT} = backend.binding;
  const attributes = [
    {name: 'reverse', type: TF_ATTR_BOOL, value: false},
    {name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT},
  ];
  return backend.executeSingleOutput('NthElement', attributes, [values, scalar(n, 'int32')]);
}

/** Halves the range that holds the cut, without a single read. */
function byBisection(ranked: Tensor, live: Tensor, count: number): Cut {
  let high: Tensor = minimum(max(ranked), LARGEST);
  const lowest = min(where(live, ranked, scalar(LARGEST)));
  // A little below the smallest, so that the range (low, high] holds it too.
  let low: Tensor = sub(lowest, add(mul(abs(lowest), 1e-6), 1e-30));
  for (let pass = 0; pass < BISECTION_PASSES; ++pass) {
    [low, high] = tidy((): Tensor[] => {
      const middle = add(low, mul(sub(high, low), 0.5));
      const enough = greaterEqual(sum(cast(lessEqual(ranked, middle), 'float32')), count);
      return [where(enough, low, middle), where(enough, middle, high)];
    });
  }
  return {fromCut: logicalNot(lessEqual(ranked, low)), aboveCut: greater(ranked, high)};
}

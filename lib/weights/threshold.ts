import type {Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  add,
  cast,
  cumsum,
  engine,
  gather,
  greater,
  greaterEqual,
  isNaN as isNaNTensor,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  max,
  maximum,
  min,
  minimum,
  mul,
  pad,
  range,
  reshape,
  scalar,
  sub,
  sum,
  tidy,
  topk,
  where,
} from '@tensorflow/tfjs-core';

import {LARGEST} from '../base/float32';
import {isHostBackend, pruneSmallestOnHost} from './host_selection';

/** Below every score. */
export const LOWEST = -3e38;

/** Added to scores that must not be pruned: above any score, and far from overflowing. */
export const PROTECTED = 1e30;

/** From this size on `indexAfter` is faster than a cumulative sum over all. */
const BY_ROWS = 1 << 17;

/** Passes of `byBisection`: what is left is below 2⁻³² of the scores' range. */
const BISECTION_PASSES = 32;

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
  const most = Math.min(count, scores.size);
  return tidy(() => {
    const flat = reshape(scores, [-1]);
    const before = mask && reshape(mask, [-1]);
    // −LARGEST / 2 for what is pruned: a product and a minimum are several times
    // as fast as a select with a scalar.
    const ranked = before ? minimum(flat, mul(sub(before, 0.5), LARGEST)) : flat;
    const [fromCut, aboveCut] = cut(ranked, before, most);
    // What is from the cut but not above it are ties: the earlier ones go.
    const ties = cast(logicalXor(fromCut, aboveCut), 'int32');
    const going = add(sum(cast(fromCut, 'int32')), integer(most - scores.size));
    const late =
      scores.size < BY_ROWS
        ? greater(cumsum(ties, 0), going)
        : greaterEqual(range(0, scores.size, 1, 'int32'), indexAfter(ties, going));
    const kept = logicalOr(aboveCut, logicalAnd(fromCut, late));
    const spoilt = cast(isNaNTensor(sum(flat)), 'float32');
    const after = maximum(cast(kept, 'float32'), spoilt);
    return reshape(before ? mul(before, after) : after, scores.shape);
  });
}

/**
 * The index right after the n-th of `flags` that is set, 0 where n is not above
 * 0. By rows, of which only one is looked into: for many weights, a cumulative
 * sum over all takes longer than everything else here.
 *
 * @param flags int32 [size], 1 or 0, of which at least n are 1.
 * @param n int32 scalar.
 */
function indexAfter(flags: Tensor, n: Tensor): Tensor {
  const columns = Math.ceil(Math.sqrt(flags.size));
  const rows = reshape(pad(flags, [[0, columns ** 2 - flags.size]]), [columns, columns]);
  const perRow = sum(rows, 1);
  const full = cast(less(cumsum(perRow, 0), n), 'int32');
  const row = sum(full);
  const left = sub(n, sum(mul(perRow, full)));
  const inRow = cumsum(gather(rows, minimum(row, integer(columns - 1))), 0);
  const column = sum(cast(less(inRow, left), 'int32'));
  const index = add(add(mul(row, integer(columns)), column), integer(1));
  return mul(index, cast(greater(n, 0), 'int32'));
}

/** Where the cut is: between what is not from it and what is above it lie only ties. */
type Cut = [fromCut: Tensor, aboveCut: Tensor];

function cut(ranked: Tensor, mask: Tensor | null, count: number): Cut {
  const backend = engine().backend as Partial<TensorFlowBackend>;
  if (backend.executeSingleOutput && !backend.isUsingGpuDevice) {
    return at(ranked, nthElement(backend as TensorFlowBackend, ranked, Math.max(count - 1, 0)));
  }
  if (backend.executeSingleOutput) {
    // CUDA has no NthElement, but its TopK is a radix sort for a large k.
    return at(ranked, min(topk(ranked, ranked.size - Math.max(count - 1, 0), false).values));
  }
  return byBisection(ranked, mask, count);
}

function at(ranked: Tensor, value: Tensor): Cut {
  return [greaterEqual(ranked, value), greater(ranked, value)];
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
  return backend.executeSingleOutput('NthElement', attributes, [values, integer(n)]);
}

/** Halves the range that holds the cut, without a single read. */
function byBisection(scores: Tensor, mask: Tensor | null, count: number): Cut {
  const ranked = minimum(scores, LARGEST);
  let high: Tensor = max(ranked);
  const lowest = min(mask ? where(cast(mask, 'bool'), ranked, scalar(LARGEST)) : ranked);
  // A little below the smallest, so that the range (low, high] holds it too.
  let low: Tensor = sub(lowest, add(mul(abs(lowest), 1e-6), 1e-30));
  for (let pass = 0; pass < BISECTION_PASSES; ++pass) {
    [low, high] = tidy((): Tensor[] => {
      const middle = add(low, mul(sub(high, low), 0.5));
      const enough = greaterEqual(sum(cast(lessEqual(ranked, middle), 'float32')), count);
      return [where(enough, low, middle), where(enough, middle, high)];
    });
  }
  return [logicalNot(lessEqual(ranked, low)), greater(ranked, high)];
}

function integer(value: number): Tensor {
  return scalar(value, 'int32');
}

import type {Tensor} from '@tensorflow/tfjs-core';
import {cast, equal, reshape, sum, zeros} from '@tensorflow/tfjs-core';

import {readVectors} from './read_vectors';

/** WebGL computes int32 in float32, which has all integers up to here. */
const LARGEST_EXACT_SUM = 2 ** 24;

/** The exact number of zeros in each tensor, 0 for one that is missing, in one small read. */
export async function countZeros(tensors: ReadonlyArray<Tensor | undefined>): Promise<number[]> {
  const counts = () => tensors.map((tensor) => (tensor ? zeroCounts(tensor) : zeros([0])));
  return (await readVectors<'int32'>(counts)).map(sumOf);
}

/**
 * int32 of shape `[n]`: the number of zeros in `tensor`, or in each of its rows
 * for one of more than 2²⁴ elements.
 */
export function zeroCounts(tensor: Tensor): Tensor {
  const isZero = cast(equal(tensor, 0), 'int32');
  return reshape(sum(isZero, tensor.size > LARGEST_EXACT_SUM ? -1 : undefined), [-1]);
}

/** What the numbers add up to. */
export function sumOf(counts: readonly number[] | Int32Array): number {
  let sum = 0;
  counts.forEach((count) => (sum += count));
  return sum;
}

/** Whether so many zeros leave next to nothing: less than 1 %, or one element of several. */
export function leaveNextToNothing(zeroCount: number, size: number): boolean {
  return zeroCount > 0.99 * size || (zeroCount > 0 && zeroCount === size - 1);
}

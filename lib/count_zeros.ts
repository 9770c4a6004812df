import type {Tensor} from '@tensorflow/tfjs-core';
import {cast, concat, equal, reshape, sum, tidy} from '@tensorflow/tfjs-core';

/** WebGL computes int32 in float32, which has all integers up to here. */
const LARGEST_EXACT_SUM = 2 ** 24;

/**
 * The exact number of zeros in each tensor, in one read: of one number a tensor,
 * or of one a row for tensors of more than 2²⁴ elements.
 */
export async function countZeros(tensors: readonly Tensor[]): Promise<number[]> {
  if (tensors.length === 0) {
    return [];
  }
  const lengths: number[] = [];
  const read = tidy(() => {
    const counts = tensors.map((tensor) => {
      const isZero = cast(equal(tensor, 0), 'int32');
      const count = reshape(sum(isZero, tensor.size > LARGEST_EXACT_SUM ? -1 : undefined), [-1]);
      lengths.push(count.size);
      return count;
    });
    return concat(counts);
  });
  try {
    const counts = await read.data<'int32'>();
    let end = 0;
    return lengths.map((length) =>
      counts.subarray(end, (end += length)).reduce((all, count) => all + count, 0),
    );
  } finally {
    read.dispose();
  }
}

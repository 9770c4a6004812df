import {concat, type DataTypeMap, type Tensor, tidy, zeros} from '@tensorflow/tfjs-core';

/**
 * What vectors of one type hold, in one read.
 *
 * @param make The vectors, `[n]` each; called in a `tidy`.
 */
export async function readVectors<D extends 'float32' | 'int32'>(
  make: () => readonly Tensor[],
): Promise<Array<DataTypeMap[D]>> {
  const lengths: number[] = [];
  const all = tidy(() => {
    const vectors = make();
    lengths.push(...vectors.map(({size}) => size));
    const some = vectors.filter(({size}) => size > 0);
    return some.length > 0 ? concat(some) : zeros([0]);
  });
  try {
    const values = await all.data<D>();
    let end = 0;
    return lengths.map((length) => values.subarray(end, (end += length)) as DataTypeMap[D]);
  } finally {
    all.dispose();
  }
}

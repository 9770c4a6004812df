import {dispose, type Tensor, tensor_util} from '@tensorflow/tfjs-core';

import {Hash} from '../base/hash';
import {datasetOf, samplesIn} from './batches';
import {isDataset, type Samples} from './samples';

/**
 * A number that tells samples from others: of all their values, to the bit, and
 * of the order of tensors; that of a dataset may be another each time. Each
 * batch is read once.
 *
 * @returns 16 hexadecimal digits.
 */
export async function digestOf(samples: Samples): Promise<string> {
  const hash = new Hash();
  const isOrdered = !isDataset(samples);
  const iterator = await datasetOf(samples, {batchSize: 256}).iterator();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const tensors = tensor_util.getTensorsInContainer(next.value as Tensor[]);
    try {
      const values = await Promise.all(tensors.map((tensor) => tensor.data()));
      for (let i = 0; i < samplesIn(next.value); ++i) {
        const sample = isOrdered ? hash : new Hash();
        tensors.forEach(({size, shape: [count, ...shape]}, k) => {
          sample.words(shape);
          sample.floats(values[k].subarray((i * size) / count, ((i + 1) * size) / count));
        });
        if (sample !== hash) {
          hash.add(sample);
        }
      }
    } finally {
      dispose(tensors);
    }
  }
  return hash.digest();
}

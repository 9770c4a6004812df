import type {Tensor} from '@tensorflow/tfjs-core';
import {dispose, slice} from '@tensorflow/tfjs-core';

import {isDataset, samplesIn, type EvaluationData} from '../data/evaluation';

/** Data, and what frees the part of it that was copied. */
export interface Samples {
  readonly data: EvaluationData;
  dispose(): void;
}

/**
 * The first samples of `data`: `count` of tensors, and whole batches of a
 * dataset up to there; all where there are no more.
 */
export function firstSamples(data: EvaluationData, count: number): Samples {
  if (isDataset(data)) {
    const iterator = async () => {
      const inner = await data.iterator();
      let taken = 0;
      const next = async () => {
        if (taken >= count) {
          return {value: undefined, done: true} as const;
        }
        const result = await inner.next();
        taken += samplesIn(result.value);
        return result;
      };
      return {next};
    };
    return {data: {size: NaN, iterator} as typeof data, dispose: () => {}};
  }
  const part = (tensor: Tensor) => slice(tensor, 0, Math.min(count, tensor.shape[0]));
  const parts = (given: Tensor | Tensor[]) =>
    Array.isArray(given) ? given.map(part) : part(given);
  const [x, y] = [parts(data.x), parts(data.y)];
  return {data: {...data, x, y}, dispose: () => dispose([x, y].flat())};
}

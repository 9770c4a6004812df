import {dispose, scalar, stack, type Tensor, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {Pace} from '../../base/yielding';
import type {Batch} from '../../data/batches';

/** What a model can be tried without: a channel, or layers that go together. */
export interface Removable {
  /** Runs `run` without it, which must not await, and puts it back, bit for bit. */
  without<T>(run: () => T): T;
  /** What is left without it of a weight's gradient; `undefined` where the weight goes as a whole. */
  rest(variable: LayerVariable): ((gradient: Tensor) => Tensor) | undefined;
}

/**
 * What changes without each of `candidates`: float32 of their number, 0 for
 * `undefined`, on the device, owned by the caller.
 */
export type RemovalMeasure = (
  candidates: ReadonlyArray<Removable | undefined>,
  context: {readonly model: LayersModel; readonly batches: readonly Batch[]},
) => Promise<Tensor>;

/**
 * Scores candidates one by one, letting other code run in between.
 *
 * @param score A scalar for one of them, on the device; called inside a `tidy`.
 */
export async function eachRemoved(
  candidates: ReadonlyArray<Removable | undefined>,
  score: (candidate: Removable) => Tensor,
): Promise<Tensor> {
  const pace = new Pace();
  const scores: Tensor[] = [];
  try {
    for (const candidate of candidates) {
      scores.push(tidy(() => (candidate ? score(candidate) : scalar(0))));
      await pace.rest();
    }
    return stack(scores);
  } finally {
    dispose(scores);
  }
}

import type {TensorInfo} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../session';
import {SparseWeight} from './sparse_weight';

/** The sparse weights of one backend. They go when their data does. */
export class SparseWeights {
  private readonly weights = new WeakMap<object, SparseWeight>();

  constructor(private readonly session: KernelSession) {
    const {backend} = session;
    const disposeData = backend.disposeData;
    backend.disposeData = (dataId, force) => {
      const isGone = disposeData.call(backend, dataId, force);
      if (isGone) {
        this.drop(dataId);
      }
      return isGone;
    };
  }

  /** The sparse weight with these data, where it is registered. */
  get({dataId}: Pick<TensorInfo, 'dataId'>): SparseWeight | undefined {
    return this.weights.get(dataId);
  }

  /** Registers a weight for one more holder. */
  hold(dataId: object): SparseWeight {
    const weight = this.weights.get(dataId) ?? new SparseWeight(this.session, dataId);
    this.weights.set(dataId, weight);
    ++weight.holders;
    return weight;
  }

  /** Takes back one `hold`; with the last one the weight is dense again. */
  release(dataId: object, weight: SparseWeight): void {
    // The data may be gone, and the weight with them.
    if (this.weights.get(dataId) === weight && --weight.holders === 0) {
      this.drop(dataId);
    }
  }

  private drop(dataId: object): void {
    this.weights.get(dataId)?.free();
    this.weights.delete(dataId);
  }
}

const registries = new WeakMap<KernelSession, SparseWeights>();

/** The sparse weights of a session. */
export function sparseWeightsOf(session: KernelSession): SparseWeights {
  const known = registries.get(session);
  if (known) {
    return known;
  }
  const weights = new SparseWeights(session);
  registries.set(session, weights);
  return weights;
}

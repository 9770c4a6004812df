import type {Tensor} from '@tensorflow/tfjs-core';
import {
  addN,
  greaterEqual,
  isFinite as isFiniteTensor,
  keep,
  mul,
  stack,
  sum,
  tidy,
  where,
} from '@tensorflow/tfjs-core';

import {PruningError} from './errors';
import {readWeight} from './mask';
import type {PrunableWeight} from './prunable';

/**
 * Finds a NaN or an infinity in weights. What is seen inside the optimizer
 * stays on the device, and is read later, where awaiting is possible.
 */
export class FiniteWatch {
  /** For each weight the step at which it was first seen not to be finite, or −1. */
  private spoiltAt: Tensor | null = null;

  constructor(private readonly weights: readonly PrunableWeight[]) {}

  /**
   * Looks at the weights after `step` optimizer steps.
   *
   * @returns A scalar that is 0, or NaN if a weight is not finite.
   */
  look(step: number): Tensor {
    const former = this.spoiltAt;
    const [spoiltAt, poison] = tidy(() => {
      // A sum is finite only if each element is.
      const sums = this.weights.map(({variable}) => sum(readWeight(variable)));
      const now = where(isFiniteTensor(stack(sums)), -1, step);
      return [former ? where(greaterEqual(former, 0), former, now) : now, mul(addN(sums), 0)];
    });
    this.spoiltAt = keep(spoiltAt);
    former?.dispose();
    return poison;
  }

  /** Throws where a weight was seen not to be finite since the last call; one small read. */
  async throwIfSpoilt(): Promise<void> {
    const spoiltAt = this.spoiltAt;
    if (spoiltAt === null) {
      return;
    }
    this.spoiltAt = null;
    const steps = await spoiltAt.data();
    spoiltAt.dispose();
    const index = steps.findIndex((step) => step >= 0);
    if (index >= 0) {
      throw new PruningError(
        `weight '${this.weights[index].name}' at step ${steps[index]}`,
        'finite numbers',
        'NaN or infinity: lower the learning rate, or look for a NaN in the data',
      );
    }
  }

  /** Forgets what was seen. */
  dispose(): void {
    this.spoiltAt?.dispose();
    this.spoiltAt = null;
  }
}

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

import {check} from './check';

/**
 * Finds a NaN or an infinity in tensors. What is seen inside the optimizer
 * stays on the device, and is read later, where awaiting is possible.
 */
export class FiniteWatch {
  /** For each tensor the step at which it was first seen not to be finite, or −1. */
  private spoiltAt: Tensor | null = null;

  /**
   * @param names What each tensor is called in an error.
   * @param advice What may be wrong.
   */
  constructor(
    private readonly names: readonly string[],
    private readonly advice: string,
  ) {}

  /**
   * Looks at the tensors, one for each name, after `step` optimizer steps.
   *
   * @returns A scalar that is 0, or NaN if one is not finite.
   */
  look(step: number, tensors: readonly Tensor[]): Tensor {
    const former = this.spoiltAt;
    const [spoiltAt, poison] = tidy((): [Tensor, Tensor] => {
      // A sum is finite only if each element is.
      const sums = tensors.map((tensor) => sum(tensor));
      const now = where(isFiniteTensor(stack(sums)), -1, step);
      return [former ? where(greaterEqual(former, 0), former, now) : now, mul(addN(sums), 0)];
    });
    this.spoiltAt = keep(spoiltAt);
    former?.dispose();
    return poison;
  }

  /** Throws where a tensor was seen not to be finite since the last call; one small read. */
  async throwIfSpoilt(): Promise<void> {
    const spoiltAt = this.spoiltAt;
    if (spoiltAt === null) {
      return;
    }
    this.spoiltAt = null;
    const steps = await spoiltAt.data();
    spoiltAt.dispose();
    const index = steps.findIndex((step) => step >= 0);
    check(
      index < 0,
      `${this.names[index]} at step ${steps[index]}`,
      'finite numbers',
      `NaN or infinity: ${this.advice}`,
    );
  }

  /** Forgets what was seen. */
  dispose(): void {
    this.spoiltAt?.dispose();
    this.spoiltAt = null;
  }
}

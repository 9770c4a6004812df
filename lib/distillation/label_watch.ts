import type {Scalar, Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  add,
  cast,
  keep,
  max,
  maximum,
  mul,
  scalar,
  square,
  sub,
  sum,
  tidy,
} from '@tensorflow/tfjs-core';

import {PruningError} from '../base/errors';

/** Finds labels that are not one-hot, on the device; read once, after all batches. */
export class LabelWatch {
  private worst: Scalar | null = null;

  /** @param labels [..., classes]. */
  look(labels: Tensor): void {
    const former = this.worst;
    this.worst = tidy(() => {
      const values = cast(labels, 'float32');
      const between = max(abs(sub(square(values), values)));
      const notOne = max(abs(sub(sum(values, -1), 1)));
      return keep(maximum(add(between, notOne), former ?? scalar(0)) as Scalar);
    });
    former?.dispose();
  }

  /** Throws where one was not; then it starts anew. */
  async throwIfNotOneHot(): Promise<void> {
    const {worst} = this;
    this.worst = null;
    if (worst !== null) {
      const [value] = await worst.data();
      worst.dispose();
      // Not `value > 0`, since a NaN is wrong too.
      if (!(value === 0)) {
        throw new PruningError('y', 'labels that are one-hot, or numbers of classes', 'others');
      }
    }
  }

  dispose(): void {
    this.worst?.dispose();
    this.worst = null;
  }
}

/** Finds batches that are others than those of an earlier epoch, on the device. */
export class BatchWatch {
  private readonly prints: Tensor[] = [];
  private differs: Scalar | null = null;

  /** @param tensors The inputs and labels of the batch with this number. */
  look(batch: number, tensors: readonly Tensor[]): void {
    const print = tidy(() => {
      const sums = tensors.flatMap((tensor) => {
        const values = cast(tensor, 'float32');
        return [sum(values), sum(abs(values))];
      });
      return sums.reduce((all, each, i) => add(all, mul(each, 1 + i / 7)));
    });
    const known = this.prints[batch];
    if (known === undefined) {
      this.prints[batch] = print;
      return;
    }
    const former = this.differs;
    this.differs = tidy(() => {
      // Sums may differ in their last bits from one time to the next.
      const tolerance = mul(abs(known), 1e-5);
      const excess = sub(abs(sub(print, known)), tolerance);
      return keep(maximum(excess, former ?? scalar(0)) as Scalar);
    });
    print.dispose();
    former?.dispose();
  }

  /** Throws where one was another. */
  async throwIfOther(): Promise<void> {
    const {differs} = this;
    this.differs = null;
    if (differs !== null) {
      const [value] = await differs.data();
      differs.dispose();
      if (!(value === 0)) {
        throw new PruningError(
          'cache',
          'a dataset with the same batches in the same order each time, such as one without shuffle',
          'others',
        );
      }
    }
  }

  dispose(): void {
    this.prints.splice(0).forEach((print) => print.dispose());
    this.differs?.dispose();
    this.differs = null;
  }
}

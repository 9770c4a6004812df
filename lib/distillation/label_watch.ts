import type {Scalar, Tensor} from '@tensorflow/tfjs-core';
import {add, dispose, keep, stack, tidy, zeros} from '@tensorflow/tfjs-core';

import {PruningError} from '../base/errors';
import type {TaughtOutput} from './heads/heads';

/** Finds labels that are not as they must be, on the device; read once, after all batches. */
export class LabelWatch {
  private flaws: Tensor | null = null;

  constructor(private readonly outputs: readonly TaughtOutput[]) {}

  /** @param labels Of each output. */
  look(labels: readonly Tensor[]): void {
    const former = this.flaws;
    this.flaws = tidy(() => {
      const now = stack(this.outputs.map(({head}, i) => head.flaw(labels[i]) as Scalar));
      return keep(add(now, former ?? zeros([labels.length])));
    });
    former?.dispose();
  }

  /** Throws where some were not; then it starts anew. */
  async throwIfWrong(): Promise<void> {
    const {flaws} = this;
    this.flaws = null;
    if (flaws !== null) {
      const values = await flaws.data();
      flaws.dispose();
      // Not `value > 0`, since a NaN is wrong too.
      const wrong = values.findIndex((value) => !(value === 0));
      if (wrong >= 0) {
        const {name, head} = this.outputs[wrong];
        const argument = this.outputs.length === 1 ? 'y' : `y of '${name}'`;
        throw new PruningError(argument, head.expected, 'others');
      }
    }
  }

  dispose(): void {
    dispose(this.flaws ?? []);
    this.flaws = null;
  }
}

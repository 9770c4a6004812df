import {Callback} from '@tensorflow/tfjs-layers';

import type {Evaluation} from '../data/evaluation';

type Logs = Parameters<Callback['onEpochEnd']>[1];

/** Adds to the logs of an epoch how another model than `fit` trains does on validation data. */
export class Judge extends Callback {
  constructor(private readonly evaluation: Evaluation) {
    super();
  }

  override async onEpochEnd(_epoch: number, logs?: Logs): Promise<void> {
    if (logs) {
      const {loss, accuracy} = await this.evaluation.lossAndAccuracy();
      Object.assign(logs, {val_loss: loss}, accuracy === undefined ? {} : {val_acc: accuracy});
    }
  }
}

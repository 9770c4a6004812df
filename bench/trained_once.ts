import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {restore, weightsOf} from './dense_model';

/** A model that is trained when it is first asked for, and comes as it was then each time. */
export class TrainedOnce {
  private trained: [LayersModel, tf.Tensor[]] | null = null;

  constructor(private readonly train: () => Promise<LayersModel>) {}

  async model(): Promise<LayersModel> {
    if (this.trained === null) {
      const model = await this.train();
      this.trained = [model, weightsOf(model)];
    }
    const [model, weights] = this.trained;
    restore(model, {weights});
    return model;
  }

  dispose(): void {
    if (this.trained) {
      const [model, weights] = this.trained;
      tf.dispose(weights);
      model.dispose();
    }
  }
}

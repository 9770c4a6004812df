import {dispose, type Tensor} from '@tensorflow/tfjs-core';

import {Pace} from '../base/yielding';
import {MaskUpdater} from './mask_updater';
import type {MaskUpdate} from './weight_group';

/** Updates masks outside of training, by criteria that need no gradients. */
export class MaskUpdaterAtEase extends MaskUpdater {
  /**
   * As `update`, but lets other code run now and then, which must not change the weights.
   */
  async updateAtEase(position: number, step: number): Promise<void> {
    const {scores} = this.ways!;
    const pace = new Pace(50);
    const updates: MaskUpdate[] = [];
    const made: Tensor[] = [];
    try {
      const score = scores.open(step, made);
      for (const group of this.groups) {
        updates.push(...this.plan([group], position, score));
        await pace.rest();
      }
    } catch (error) {
      scores.dispose();
      updates.forEach(({masks}) => dispose([...masks]));
      throw error;
    } finally {
      dispose(made);
    }
    this.take(updates);
  }
}

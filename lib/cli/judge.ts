import type {LayersModel} from '@tensorflow/tfjs-layers';

import {Evaluation} from '../data/evaluation';
import type {Samples} from '../data/samples';

/** Loss and accuracy on `test`, of what there is. */
export async function judge(
  model: LayersModel,
  test: Samples | undefined,
): Promise<Record<string, number>> {
  if (test === undefined || model.optimizer == null) {
    return {};
  }
  return new Evaluation(model, test, 'loss', 'test').lossAndAccuracy();
}

import {sub} from '@tensorflow/tfjs-core';

import {calibrationLoss} from '../../data/calibration_loss';
import {eachRemoved, type RemovalMeasure} from './removal';

/**
 * ΔL_j = L_j − L: the loss without j less the loss as it is. One evaluation of the
 * data for each: slow, and exact for one at a time.
 */
export const lossChange: RemovalMeasure = async (candidates, {model, batches}) => {
  const loss = calibrationLoss(model, batches);
  try {
    return await eachRemoved(candidates, (candidate) =>
      sub(
        candidate.without(() => calibrationLoss(model, batches)),
        loss,
      ),
    );
  } finally {
    loss.dispose();
  }
};

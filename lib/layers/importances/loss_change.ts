import {sub} from '@tensorflow/tfjs-core';

import {calibrationLoss} from '../../data/calibration_loss';
import {eachWithout} from './each_without';
import type {LayerMeasure} from './measure';

/** The loss without the unit less the loss with it. One evaluation of the data for each unit. */
export const lossChange: LayerMeasure = async (units, {model, batches}) => {
  const loss = calibrationLoss(model, batches);
  try {
    return await eachWithout(units, () => sub(calibrationLoss(model, batches), loss));
  } finally {
    loss.dispose();
  }
};

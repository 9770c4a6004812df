import {sub, tidy} from '@tensorflow/tfjs-core';

import {calibrationLoss} from '../../calibration_loss';
import {whileSilent} from '../silence';
import {eachAlive} from './each_alive';
import type {Measure} from './measure';

/**
 * ΔL_j = L_j − L: the loss with channel j silenced less the loss as it is, so
 * that a channel whose loss is a gain goes first. Silenced as by a mask, which
 * is what pruning does to it. One evaluation of the data for each channel that
 * is left: slow, and exact for one channel at a time.
 */
export const lossChange: Measure = async (groups, {model, batches}) => {
  const loss = calibrationLoss(model, batches);
  try {
    return await eachAlive(groups, (group, channel) =>
      tidy(() =>
        sub(
          whileSilent(group, channel, () => calibrationLoss(model, batches)),
          loss,
        ),
      ),
    );
  } finally {
    loss.dispose();
  }
};

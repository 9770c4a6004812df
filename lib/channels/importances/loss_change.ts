import {abs, sub, tidy} from '@tensorflow/tfjs-core';

import {calibrationLoss} from '../../data/calibration_loss';
import {whileSilent} from '../silence';
import {eachAlive} from './each_alive';
import type {Measure} from './measure';

/**
 * |ΔL_j| = |L_j − L|: how far the loss with channel j silenced is from the loss as
 * it is. Silenced as by a mask, which is what pruning does to it. Channels go many
 * at a time: all those whose loss is a gain by itself are together too large a
 * step, so that what counts is how little changes, as in Molchanov et al. 2017
 * (https://arxiv.org/abs/1611.06440). One evaluation of the data for each channel
 * that is left: slow, and exact for one channel at a time.
 */
export const lossChange: Measure = async (groups, {model, batches}) => {
  const loss = calibrationLoss(model, batches);
  try {
    return await eachAlive(groups, (group, channel) =>
      tidy(() =>
        abs(
          sub(
            whileSilent(group, channel, () => calibrationLoss(model, batches)),
            loss,
          ),
        ),
      ),
    );
  } finally {
    loss.dispose();
  }
};

import {addN, dispose, mul, sqrt, square, sub, sum, type Tensor, tidy} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {calibrationGradients} from '../../data/calibration_loss';
import {readWeight} from '../../model/read_weight';
import {trainedWeights} from '../../model/trained_model';
import type {ChannelGroup} from '../groups/channel_groups';
import {slicesKept} from '../mask_channels';
import {whileSilent} from '../silence';
import {eachAlive} from './each_alive';
import type {Measure} from './measure';

/**
 * ‖∇L_j − ∇L‖₂: how much the gradient of the loss, by the weights that train,
 * changes when channel j is silenced. Only the weights that are left count, not
 * those that go with the channel. As GraSP does, it keeps what would disturb
 * the training of the rest (Wang et al. 2020, https://arxiv.org/abs/2002.07376),
 * but the change is measured where GraSP estimates it by a second derivative.
 * One gradient over the data for each channel that is left: some three times
 * slower than the change of the loss.
 */
export const gradientChange: Measure = async (groups, {model, batches}) => {
  const variables = [...trainedWeights(model)];
  const gradients = () => calibrationGradients(model, batches, variables.map(readWeight));
  const before = gradients();
  try {
    return await eachAlive(groups, (group, channel) =>
      tidy(() => {
        const after = whileSilent(group, channel, gradients);
        const squares = variables.map((variable, i) =>
          sum(square(withoutChannel(sub(after[i], before[i]), variable, group, channel))),
        );
        return sqrt(addN(squares));
      }),
    );
  } finally {
    dispose(before);
  }
};

function withoutChannel(
  gradient: Tensor,
  variable: LayerVariable,
  {members}: ChannelGroup,
  channel: number,
): Tensor {
  const gone = new Set([channel]);
  return members
    .filter((member) => member.variable === variable)
    .reduce((rest, member) => mul(rest, slicesKept(member, gone)), gradient);
}

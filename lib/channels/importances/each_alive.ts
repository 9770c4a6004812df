import {dispose, scalar, stack, type Tensor} from '@tensorflow/tfjs-core';

import {Pace} from '../../base/yielding';
import type {ChannelGroup} from '../groups/channel_groups';
import type {ScoredGroup} from './measure';

/**
 * Scores channels one by one, those that are not pruned yet: for each group
 * float32 of shape `[size]`.
 *
 * @param score A scalar for one channel, on the device.
 */
export async function eachAlive(
  groups: readonly ScoredGroup[],
  score: (group: ChannelGroup, channel: number) => Tensor,
): Promise<Tensor[]> {
  const pace = new Pace();
  const results: Tensor[] = [];
  let scores: Tensor[] = [];
  try {
    for (const {group, pruned} of groups) {
      for (let channel = 0; channel < group.size; channel++) {
        scores.push(pruned.has(channel) ? scalar(0) : score(group, channel));
        await pace.rest();
      }
      results.push(stack(scores));
      dispose(scores);
      scores = [];
    }
    return results;
  } catch (error) {
    dispose([...results, ...scores]);
    throw error;
  }
}

import {type Tensor, tidy, transpose, util} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

import {check} from '../../base/check';
import {toFloat32} from '../../base/float32';
import {readWeight} from '../../model/read_weight';
import {otherAxes, reducePlaces, sumByChannel} from '../by_channel';
import type {ChannelMember} from '../groups/channel_groups';
import type {Measure} from './measure';

/** What an importance function receives in addition to the kernel. */
export interface ImportanceContext {
  /** Path of layer names and the weight's own: `'block/conv2d_1/kernel'`. */
  readonly name: string;
  /** The layer that has the weight. */
  readonly layer: layers.Layer;
}

/**
 * Scores the slices of a weight along its last axis; the lowest scores are pruned first.
 * Must be synchronous and must not read tensors.
 *
 * @param kernel A weight that produces channels, transposed so that they are on the last
 *   axis: `[…, positions]`. A recurrent layer has one position for each gate and unit.
 *   The scores of all positions of a channel are added up.
 * @returns float32 of shape `[positions]`.
 */
export type ImportanceFunction = (kernel: Tensor, context: ImportanceContext) => Tensor;

/** What `score` says of each kernel that makes the channels. */
export function custom(score: ImportanceFunction): Measure {
  return (groups, {reduce}) =>
    groups.map(({group: {members, size}}) =>
      tidy(() => {
        const makers = members.filter(({role}) => role === 'producer');
        const places = makers.map((member) => {
          const {channels} = member;
          return {channels, scores: sumByChannel(apply(score, member), channels, size)};
        });
        return reducePlaces(places, size, reduce);
      }),
    );
}

function apply(score: ImportanceFunction, member: ChannelMember): Tensor {
  const {axis, name, layer, variable} = member;
  const weight = readWeight(variable);
  const scores = score(transpose(weight, [...otherAxes(weight, member), axis]), {name, layer});
  const expected = [weight.shape[axis]];
  check(
    util.arraysEqual(scores?.shape ?? [], expected),
    'importance',
    `a function that returns scores of shape [${expected.join()}] for '${name}'`,
    scores?.shape ?? scores,
  );
  return toFloat32(scores);
}

import type {Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  addN,
  cast,
  div,
  randomUniform,
  sqrt,
  square,
  sum,
  tensor1d,
  tidy,
  transpose,
  util,
} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

import {readWeight} from '../mask';
import {check} from '../validate';
import {otherAxes, sumByChannel} from './by_channel';
import type {ChannelGroup, ChannelMember} from './channel_groups';

/** What an importance function is told of the weight that it scores. */
export interface ImportanceContext {
  /** Path of layer names and the weight's own: `'block/conv2d_1/kernel'`. */
  readonly name: string;
  readonly layer: layers.Layer;
}

/**
 * Scores the slices of a weight along its last axis, the least important
 * lowest. Runs inside the optimizer: without reading, and without awaiting.
 *
 * @param kernel A weight that makes channels, transposed so that they come
 *   last: `[…, positions]`, where a recurrent layer has a position for each
 *   gate and unit. The scores of a channel's positions are added up.
 * @returns float32 of shape `[positions]`.
 */
export type ImportanceFunction = (kernel: Tensor, context: ImportanceContext) => Tensor;

/**
 * How much a channel matters:
 * - `'l2'`, `'l1'`: the norm of its slice of each kernel
 *   (Li et al. 2017, https://arxiv.org/abs/1608.08710);
 * - `'gamma'`: what the normalization after it scales it with
 *   (Liu et al. 2017, https://arxiv.org/abs/1708.06519);
 * - `'random'`: chance, as a baseline;
 * - a function of a kernel.
 */
export type Importance = 'l2' | 'l1' | 'gamma' | 'random' | ImportanceFunction;

/** The importances that have a name. */
export const IMPORTANCES = ['l2', 'l1', 'gamma', 'random'] as const;

/** How to score the channels of a group. */
export interface ImportanceArgs {
  importance: Importance;
  /** How the scores by the members of a coupled group make one. */
  reduce: 'mean' | 'sum';
  /** For `'random'`. */
  seed: number;
}

/**
 * The importance of each channel of `group`, as float32 of shape `[size]`, on
 * the device. A channel's score by a weight is that of all its positions there;
 * the weights' scores are averaged or added up.
 *
 * @throws PruningError for `'gamma'` where a channel has none, and for a
 *   function that returns another shape.
 * @example
 * const [group] = channelGroups(model);
 * channelImportance(group, {importance: 'l1', reduce: 'mean', seed: 0}).print();
 */
export function channelImportance(group: ChannelGroup, args: ImportanceArgs): Tensor {
  const {importance, reduce, seed} = args;
  if (importance === 'random') {
    return randomUniform([group.size], 0, 1, 'float32', seed);
  }
  const members = scored(group, importance);
  return tidy(() => {
    const total = addN(members.map((member) => memberScores(member, group.size, importance)));
    return reduce === 'sum' ? total : div(total, membersPerChannel(members, group.size));
  });
}

/** Throws where `importance` has nothing to go by in `group`. */
export function checkImportance(group: ChannelGroup, importance: Importance): void {
  if (importance === 'gamma') {
    const scaled = new Set(scored(group, importance).flatMap(({channels}) => channels));
    check(
      Array.from({length: group.size}).every((_, channel) => scaled.has(channel)),
      'importance',
      `'l2', 'l1', 'random' or a function for '${group.name}', whose channels have no gamma`,
      importance,
    );
  }
}

function scored(group: ChannelGroup, importance: Importance): ChannelMember[] {
  const role = importance === 'gamma' ? 'scale' : 'producer';
  return group.members.filter((member) => member.role === role);
}

function memberScores(member: ChannelMember, size: number, importance: Importance): Tensor {
  const weight = readWeight(member.variable);
  if (typeof importance === 'function') {
    return sumByChannel(applyFunction(importance, weight, member), member, size);
  }
  const others = otherAxes(weight, member);
  if (importance === 'l2') {
    return sqrt(sumByChannel(sum(square(weight), others), member, size));
  }
  return sumByChannel(sum(abs(weight), others), member, size);
}

function applyFunction(
  importance: ImportanceFunction,
  weight: Tensor,
  member: ChannelMember,
): Tensor {
  const {axis, name, layer} = member;
  const scores = importance(transpose(weight, [...otherAxes(weight, member), axis]), {name, layer});
  const expected = [weight.shape[axis]];
  check(
    util.arraysEqual(scores?.shape ?? [], expected),
    'importance',
    `a function that returns scores of shape [${expected.join()}] for '${name}'`,
    scores?.shape ?? scores,
  );
  return cast(scores, 'float32');
}

function membersPerChannel(members: readonly ChannelMember[], size: number): Tensor {
  const counts = new Float32Array(size);
  for (const {channels} of members) {
    new Set(channels).forEach((channel) => {
      if (channel >= 0) {
        ++counts[channel];
      }
    });
  }
  return tensor1d(counts);
}

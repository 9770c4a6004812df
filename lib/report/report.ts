import type {LayersModel} from '@tensorflow/tfjs-layers';

import {sumOf, zeroCounts} from '../base/count_zeros';
import {readVectors} from '../base/read_vectors';
import {type ChannelSparsity, describeChannels} from '../channels/channel_sparsity';
import {channelGroups} from '../channels/groups/channel_groups';
import {silentFlags} from '../channels/silent_channels';
import {checkModel} from '../model/check_model';
import {readWeight} from '../model/read_weight';
import {maskOf} from '../projection/mask';
import {type CountedWeight, isReported, reportableWeights} from './reported_weights';

/** Zeros in one weight. */
export interface WeightSparsity {
  /** Path of layer names and the weight's own, such as `'conv2d_1/kernel'`. */
  name: string;
  /** Its shape, as tfjs has it. */
  shape: number[];
  /** Number of elements. */
  size: number;
  /** Number of elements that are zero. */
  zeros: number;
  /** zeros / size. */
  sparsity: number;
  /** Whether a mask holds on it, which `stripPruning` has not removed yet. */
  masked: boolean;
  /**
   * Whether it does not train, because it, its layer or a model around it is frozen. It
   * is then pruned only if `layers` asks for it.
   */
  frozen: boolean;
}

/** Zeros in the prunable weights of a model, and in its channels. */
export interface SparsityReport {
  /** Each weight that can be pruned. */
  weights: WeightSparsity[];
  /** Number of their elements. */
  size: number;
  /** Number of their elements that are zero. */
  zeros: number;
  /** zeros / size over all prunable weights. */
  sparsity: number;
  /** The groups of channels that are pruned or kept together, in the order of the layers. */
  channels: ChannelSparsity[];
}

/**
 * Counts the zeros in each weight of `model` that is prunable by default, or has a mask.
 * Also finds the channels that are zero, and those that must stay. Weights that are
 * pruned only by name are included if they have zeros, or if the model has no others.
 * Counts on the device, with one small read for all weights.
 *
 * @throws PruningError for a value that is not a LayersModel, or has nothing to prune.
 * @example
 * (await sparsityReport(model)).sparsity; //=> 0.9
 * @example
 * const {channels} = await sparsityReport(model);
 * channels.map(({name, size, zero, frozen}) => [name, size, zero.length, frozen]);
 * //=> [['conv2d_1', 32, 16, undefined], ['dense_1', 10, 0, 'an output of the model']]
 */
export async function sparsityReport(model: LayersModel): Promise<SparsityReport> {
  checkModel(model);
  const weights = reportableWeights(model);
  const groups = channelGroups(model);
  const read = await readVectors<'int32'>(() => [
    ...weights.map(({variable}) => zeroCounts(readWeight(variable))),
    ...silentFlags(groups),
  ]);
  const counted = weights.map((weight, i) => ({...weight, zeros: sumOf(read[i])}));
  const channels = describeChannels(groups, read.slice(weights.length));
  return {...summarize(counted.filter(isReported)), channels};
}

/** The report of weights and their zeros. */
export function summarize(counted: readonly CountedWeight[]): Omit<SparsityReport, 'channels'> {
  const weights = counted.map(({name, variable, zeros, isFrozen: frozen}) => {
    const {shape, size} = readWeight(variable);
    const masked = maskOf(variable) !== undefined;
    return {name, shape, size, zeros, sparsity: zeros / size, masked, frozen};
  });
  const size = weights.reduce((all, weight) => all + weight.size, 0);
  const zeros = weights.reduce((all, weight) => all + weight.zeros, 0);
  return {weights, size, zeros, sparsity: zeros / size};
}

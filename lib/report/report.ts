import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {sumOf, zeroCounts} from '../base/count_zeros';
import {readVectors} from '../base/read_vectors';
import {type ChannelSparsity, describeChannels} from '../channels/channel_sparsity';
import {channelGroups} from '../channels/graph/channel_groups';
import {silentFlags} from '../channels/silent_channels';
import {checkModel} from '../model/check_model';
import {prunableWeights} from '../model/prunable';
import {readWeight} from '../model/read_weight';
import {maskedVariables, maskOf} from '../projection/mask';

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
  /** Whether a callback holds a mask on it that `stripPruning` has not ended. */
  masked: boolean;
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
  /** The groups of channels that go or stay together, in the order of the layers. */
  channels: ChannelSparsity[];
}

/** A weight that is reported. */
export interface ReportedWeight {
  readonly name: string;
  readonly variable: LayerVariable;
}

/**
 * The weights of a report, in its order: those that are prunable by default, then
 * others that have a mask.
 *
 * @throws PruningError for a model that has nothing to prune.
 */
export function reportedWeights(model: LayersModel): ReportedWeight[] {
  const prunable = prunableWeights(model);
  const known = new Set(prunable.map(({variable}) => variable));
  const others = maskedVariables(model).filter((variable) => !known.has(variable));
  return [...prunable, ...others.map((variable) => ({name: variable.originalName, variable}))];
}

/**
 * Counts the zeros in each weight of `model` that is prunable by default, or
 * has a mask, and finds the channels that are zero, and those that must stay.
 * Counted on the device; one small read for all.
 *
 * @throws PruningError for what is not a LayersModel, or has nothing to prune.
 * @example
 * (await sparsityReport(model)).sparsity; //=> 0.9
 * @example
 * const {channels} = await sparsityReport(model);
 * channels.map(({name, size, zero, frozen}) => [name, size, zero.length, frozen]);
 * //=> [['conv2d_1', 32, 16, undefined], ['dense_1', 10, 0, 'an output of the model']]
 */
export async function sparsityReport(model: LayersModel): Promise<SparsityReport> {
  checkModel(model);
  const listed = reportedWeights(model);
  const groups = channelGroups(model);
  const read = await readVectors<'int32'>(() => [
    ...listed.map(({variable}) => zeroCounts(readWeight(variable))),
    ...silentFlags(groups),
  ]);
  const zeros = read.slice(0, listed.length).map(sumOf);
  const channels = describeChannels(groups, read.slice(listed.length));
  return {...summarize(listed, zeros), channels};
}

/** The report of the weights, given the number of zeros in each. */
export function summarize(
  listed: readonly ReportedWeight[],
  counts: readonly number[],
): Omit<SparsityReport, 'channels'> {
  const weights = listed.map(({name, variable}, i) => {
    const {shape, size} = readWeight(variable);
    const masked = maskOf(variable) !== undefined;
    return {name, shape, size, zeros: counts[i], sparsity: counts[i] / size, masked};
  });
  const size = weights.reduce((all, weight) => all + weight.size, 0);
  const zeros = weights.reduce((all, weight) => all + weight.zeros, 0);
  return {weights, size, zeros, sparsity: zeros / size};
}

import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {countZeros} from './count_zeros';
import {maskedVariables, maskOf, readWeight} from './mask';
import {prunableWeights} from './prunable';
import {checkModel} from './validate';

/** Zeros in one weight. */
export interface WeightSparsity {
  /** Path of layer names and the weight's own, such as `'conv2d_1/kernel'`. */
  name: string;
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

/** Zeros in the prunable weights of a model. */
export interface SparsityReport {
  weights: WeightSparsity[];
  size: number;
  zeros: number;
  /** zeros / size over all prunable weights. */
  sparsity: number;
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
 * has a mask. Counted on the device; one small read for all weights.
 *
 * @throws PruningError for what is not a LayersModel, or has nothing to prune.
 * @example
 * (await sparsityReport(model)).sparsity; //=> 0.9
 */
export async function sparsityReport(model: LayersModel): Promise<SparsityReport> {
  checkModel(model);
  const listed = reportedWeights(model);
  const counts = await countZeros(listed.map(({variable}) => readWeight(variable)));
  const weights = listed.map(({name, variable}, i) => {
    const {shape, size} = readWeight(variable);
    const masked = maskOf(variable) !== undefined;
    return {name, shape, size, zeros: counts[i], sparsity: counts[i] / size, masked};
  });
  const size = weights.reduce((all, weight) => all + weight.size, 0);
  const zeros = weights.reduce((all, weight) => all + weight.zeros, 0);
  return {weights, size, zeros, sparsity: zeros / size};
}

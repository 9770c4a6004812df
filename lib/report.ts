import type {Tensor} from '@tensorflow/tfjs-core';
import {cast, equal, stack, sum, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {maskOf, readWeight} from './mask';
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
  const found = prunableWeights(model);
  const named = new Set(found.map(({variable}) => variable));
  const others = [...new Set(model.weights)]
    .filter((variable) => maskOf(variable) && !named.has(variable))
    .map((variable) => ({name: variable.originalName, variable}));
  const listed = [...found, ...others];
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

/** The number of zeros in each tensor, in one read. */
export async function countZeros(tensors: readonly Tensor[]): Promise<number[]> {
  if (tensors.length === 0) {
    return [];
  }
  const counts = tidy(() => stack(tensors.map((tensor) => sum(cast(equal(tensor, 0), 'int32')))));
  try {
    return [...(await counts.data())];
  } finally {
    counts.dispose();
  }
}

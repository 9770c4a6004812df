import type {Tensor} from '@tensorflow/tfjs-core';
import {abs, maximum, min, mul, stack, sub, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {countZeros} from '../../base/count_zeros';
import {LARGEST} from '../../base/float32';
import {readWeight} from '../../model/read_weight';
import {maskOf} from '../../projection/mask';
import {summarize} from '../report';
import {isReported, reportableWeights} from '../reported_weights';

/** The entry of one weight. */
export interface WeightEntry {
  /** Path of layer names and the weight's own, such as `'conv2d_1/kernel'`. */
  name: string;
  /** Number of elements. */
  size: number;
  /** Number of elements that are zero. */
  zeros: number;
  /** zeros / size. */
  sparsity: number;
  /** The smallest magnitude that the mask keeps; `null` without a mask, or where it keeps none. */
  threshold: number | null;
}

/** The entry of a model at one time. */
export interface SparsityEntry {
  /** Epochs done, as `fit` counts them: 1 after the first. */
  epoch: number;
  /** Optimizer steps done since `compile`, over all fits. */
  step: number;
  /** Share of zeros over all logged weights. */
  sparsity: number;
  /** Each logged weight. */
  weights: WeightEntry[];
}

/** Where entries go. */
export interface SparsitySink {
  /** Training begins: what was kept of an earlier one is forgotten. */
  begin?(): void | Promise<void>;
  write(entry: SparsityEntry): void | Promise<void>;
}

/**
 * The entry of `model` as it is now. Counted on the device; one small read for
 * the zeros, and one for the thresholds where there are masks.
 *
 * @throws PruningError for a model that has nothing to prune.
 */
export async function measure(model: LayersModel, epoch: number): Promise<SparsityEntry> {
  const step = model.optimizer.iterations;
  const candidates = reportableWeights(model);
  const variables = candidates.map(({variable}) => variable);
  // Both look at the weights before the first await lets other code change them.
  const [thresholds, counts] = await Promise.all([
    readThresholds(variables),
    countZeros(variables.map(readWeight)),
  ]);
  const counted = candidates.map((weight, i) => ({...weight, zeros: counts[i]}));
  const listed = counted.filter(isReported);
  const {sparsity, weights} = summarize(listed);
  return {
    epoch,
    step,
    sparsity,
    weights: weights.map(({name, size, zeros, sparsity}, i) => {
      const threshold = thresholds.get(listed[i].variable) ?? null;
      return {name, size, zeros, sparsity, threshold};
    }),
  };
}

/** The smallest magnitude that the mask of each variable keeps; one small read, or none. */
async function readThresholds(
  variables: readonly LayerVariable[],
): Promise<ReadonlyMap<LayerVariable, number>> {
  const masked = variables.filter(maskOf);
  if (masked.length === 0) {
    return new Map();
  }
  const smallest = tidy(() => stack(masked.map(smallestKept)));
  try {
    const values = await smallest.data();
    const found = masked.map((variable, i) => [variable, values[i]] as const);
    return new Map(found.filter(([, value]) => !(value >= LARGEST)));
  } finally {
    smallest.dispose();
  }
}

/** `LARGEST` where the mask keeps nothing. */
function smallestKept(variable: LayerVariable): Tensor {
  const pruned = sub(1, maskOf(variable)!);
  return min(maximum(abs(readWeight(variable)), mul(pruned, LARGEST)));
}

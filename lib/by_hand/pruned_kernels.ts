import {clone, type Tensor} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {listed} from '../base/listed';
import {meansName} from '../model/means_name';
import {prunableWeights} from '../model/prunable';
import {type HeldKernel, holdKernels} from '../model/weight_holder';
import type {SelectionArgs} from '../weights/selection';
import {pruneNow} from './masks_by_hand';
import {stripPruning} from './strip';

/** Which weights of a graph are pruned, and how much. */
export interface PrunedKernelArgs extends Omit<SelectionArgs, 'layers'> {
  /** The sparsity, in [0, 1). */
  sparsity: number;
  /**
   * Which weights, by their names in the graph: a list of names and regular expressions, or
   * a map from name to that weight's own sparsity, where `false` leaves it alone. Default:
   * all kernels of products, convolutions and lookups.
   */
  layers?: ReadonlyArray<string | RegExp> | Readonly<Record<string, number | false>>;
}

/** Those of `all` that the names and expressions of `wanted` mean; throws where one means none. */
export function kernelsNamed(
  wanted: ReadonlyArray<string | RegExp>,
  all: readonly string[],
): string[] {
  const unknown = wanted.find((each) => !all.some((name) => meansName(each, name)));
  check(unknown === undefined, 'layers', `names of weights among ${listed(all)}`, unknown);
  return all.filter((name) => wanted.some((each) => meansName(each, name)));
}

/**
 * What pruning makes of the kernels of a graph, by name: new tensors, which the
 * caller owns.
 *
 * @throws PruningError for an argument out of its range, and an unknown name.
 */
export async function prunedKernels(
  kernels: readonly HeldKernel[],
  {layers, scope, criterion, ...args}: PrunedKernelArgs,
): Promise<Map<string, Tensor>> {
  const isList = Array.isArray(layers);
  const named = kernelsNamed(
    isList ? (layers as ReadonlyArray<string | RegExp>) : Object.keys(layers ?? {}),
    kernels.map(({name}) => name),
  );
  const chosen = isList ? named : layers;
  const holders = holdKernels(kernels);
  try {
    // Kernels that took up a normalization differ in size for no reason that matters.
    const isLamp = scope === 'global' && (criterion ?? 'magnitude') === 'magnitude';
    await pruneNow(holders, {
      ...args,
      layers: chosen,
      scope,
      criterion: isLamp ? 'lamp' : criterion,
    });
    const pruned = prunableWeights(holders, chosen).map(({layer}) => layer);
    stripPruning(holders);
    return new Map(pruned.map((layer) => [layer.name, clone(layer.getWeights()[0])]));
  } finally {
    holders.dispose();
  }
}

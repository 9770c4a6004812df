import {clone, type Tensor} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {listed} from '../base/listed';
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
   * Which weights, by their names in the graph: a list, or a map from name to
   * that weight's own sparsity, where `false` leaves it alone. Default: all
   * kernels of products, convolutions and lookups.
   */
  layers?: readonly string[] | Readonly<Record<string, number | false>>;
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
  const isListed = layers === undefined || Array.isArray(layers);
  const named = isListed ? (layers as readonly string[] | undefined) : Object.keys(layers);
  const names = kernels.map(({name}) => name);
  const unknown = named?.find((name) => !names.includes(name));
  const known = `names of weights among ${listed(names)}`;
  check(unknown === undefined, 'layers', known, unknown);
  const holders = holdKernels(kernels);
  try {
    // Kernels that took up a normalization differ in size for no reason that matters.
    const isLamp = scope === 'global' && (criterion ?? 'magnitude') === 'magnitude';
    await pruneNow(holders, {...args, layers, scope, criterion: isLamp ? 'lamp' : criterion});
    const chosen = prunableWeights(holders, layers).map(({layer}) => layer);
    stripPruning(holders);
    return new Map(chosen.map((layer) => [layer.name, clone(layer.getWeights()[0])]));
  } finally {
    holders.dispose();
  }
}

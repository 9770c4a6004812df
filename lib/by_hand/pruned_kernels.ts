import {clone, type Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkSparsity} from '../base/check';
import {listed} from '../base/listed';
import {prunableWeights} from '../model/prunable';
import {readWeight} from '../model/read_weight';
import {type HeldKernel, holdKernels} from '../model/weight_holder';
import {lampCounts} from '../weights/lamp';
import {pruneCount} from '../weights/prune_count';
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
  const named = layers === undefined || Array.isArray(layers) ? layers : Object.keys(layers);
  const names = kernels.map(({name}) => name);
  const unknown = named?.find((name) => !names.includes(name));
  const known = `names of weights among ${listed(names)}`;
  check(unknown === undefined, 'layers', known, unknown);
  const holders = holdKernels(kernels);
  try {
    const options = {...args, ...(criterion ? {criterion} : {})};
    const isLamp = scope === 'global' && (criterion ?? 'magnitude') === 'magnitude';
    const isPattern = args.structure !== undefined && 'n' in args.structure;
    check(!isLamp || !isPattern, 'scope', "'layer' or 'erk' with n of m", scope);
    const own = isLamp ? await lampShares(holders, {...args, layers}) : layers;
    const rest = isLamp ? {ofRemaining: false} : scope ? {scope} : {};
    await pruneNow(holders, {...options, ...rest, ...(own ? {layers: own} : {})});
    const chosen = prunableWeights(holders, layers).map(({layer}) => layer);
    stripPruning(holders);
    return new Map(chosen.map((layer) => [layer.name, clone(layer.getWeights()[0])]));
  } finally {
    holders.dispose();
  }
}

/** The share of each kernel that goes, so that all together lose theirs. */
async function lampShares(
  holders: LayersModel,
  {sparsity, layers, minKeep = 0, ofRemaining = false}: PrunedKernelArgs,
): Promise<Record<string, number | false>> {
  checkSparsity('minKeep', minKeep);
  const all = prunableWeights(holders, layers);
  const pool = all.filter((weight) => weight.sparsity === undefined);
  const values: Float32Array[] = [];
  for (const {variable} of pool) {
    values.push(await readWeight(variable).data<'float32'>());
  }
  const size = values.reduce((sum, {length}) => sum + length, 0);
  const before = values.reduce((sum, own) => sum + zerosIn(own), 0);
  const base = ofRemaining ? before : 0;
  const zeros = sparsity === 0 ? base : base + pruneCount(size - base, sparsity);
  const most = values.map(({length}) => length - Math.ceil(minKeep * length));
  const counts = lampCounts(values, zeros, most);
  const own = Object.fromEntries(
    pool.map(({layer}, i) => [layer.name, counts[i] / values[i].length]),
  );
  const left = Object.fromEntries(holders.layers.slice(1).map(({name}) => [name, false as const]));
  const apart = all.flatMap((each) =>
    each.sparsity === undefined ? [] : [[each.layer.name, each.sparsity] as const],
  );
  return {...left, ...own, ...Object.fromEntries(apart)};
}

function zerosIn(values: Float32Array): number {
  return values.reduce((count, value) => (value === 0 ? count + 1 : count), 0);
}

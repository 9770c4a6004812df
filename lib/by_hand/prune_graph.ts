import {clone, type Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkOptions, checkSparsity} from '../base/check';
import {countZeros} from '../base/count_zeros';
import {kernelsOf} from '../model/graph_kernels';
import {
  checkGraphModel,
  graphArtifacts,
  type GraphModelLike,
  setGraphWeights,
} from '../model/graph_model';
import {prunableWeights} from '../model/prunable';
import {readWeight} from '../model/read_weight';
import {holdKernels} from '../model/weight_holder';
import {transposedKernels} from '../reconstruct/graph_maps';
import {GraphState, keepInArtifacts} from '../reconstruct/graph_state';
import type {LeftLayer} from '../reconstruct/layer_sites';
import {
  checkPruneByData,
  PRUNE_BY_DATA_OPTIONS,
  type PruneByDataArgs,
} from '../reconstruct/prune_by_data';
import {reconstructGraph} from '../reconstruct/reconstruct_graph';
import type {ReconstructedLayer} from '../reconstruct/sequence';
import {lampCounts} from '../weights/lamp';
import {pruneCount} from '../weights/prune_count';
import {SELECTION_OPTIONS, type SelectionArgs} from '../weights/selection';
import {pruneNow} from './masks_by_hand';
import {stripPruning} from './strip';

/** Arguments of `pruneGraph`. */
export interface PruneGraphArgs extends Omit<SelectionArgs, 'layers'>, PruneByDataArgs {
  /** The sparsity, in [0, 1). */
  sparsity: number;
  /**
   * Which weights, by their names in the graph: a list, or a map from name to
   * that weight's own sparsity, where `false` leaves it alone. Default: all
   * kernels of products, convolutions and lookups.
   */
  layers?: readonly string[] | Readonly<Record<string, number | false>>;
}

/** A weight of a graph that was pruned. */
export interface PrunedGraphWeight {
  /** The name of its node. */
  name: string;
  /** Its number of elements. */
  size: number;
  /** How many of them are zero. */
  zeros: number;
}

/** What `pruneGraph` has done. */
export interface PruneGraphReport {
  /** The weights that were pruned. */
  weights: PrunedGraphWeight[];
  /** Zeros over all pruned weights. */
  sparsity: number;
  /** The weights that were solved for, with `calibration`. */
  layers: ReconstructedLayer[];
  /** The pruned weights that keep the values that they have, and why. */
  left: LeftLayer[];
}

/**
 * Prunes a `tf.GraphModel` in place: converted models, which tfjs cannot train.
 *
 * With `calibration`, a few hundred inputs without labels, the weights that are
 * left are solved for, node after node, as `reconstruct` does for layers. Saved
 * by `model.save(…)`, the pruned weights are plain float32, also where they were
 * stored in fewer bits: `compressed` stores them in few again.
 *
 * With `scope: 'global'`, the magnitudes of all kernels are compared by LAMP (Lee
 * et al. 2021, https://arxiv.org/abs/2010.07611), in which the size of a kernel does
 * not count: kernels that took up a normalization differ in it for no reason that
 * matters.
 *
 * @param model A loaded GraphModel; whoever runs it next gets the pruned one.
 * @throws PruningError for an argument out of its range, an unknown option or
 *   weight, a graph without kernels, and samples that it does not take; the model
 *   is then what it was.
 * @example
 * import {loadGraphModel} from '@tensorflow/tfjs-converter';
 *
 * const graph = await loadGraphModel('file://mobilenet/model.json');
 * const {sparsity} = await pruneGraph(graph, {sparsity: 0.5, calibration: {x}});
 * await graph.save(compressed('mobilenet.tfpack', {format: 'packed'}));
 */
export async function pruneGraph(
  model: GraphModelLike,
  args: PruneGraphArgs,
): Promise<PruneGraphReport> {
  checkGraphModel(model);
  checkOptions('pruneGraph', args, OPTIONS);
  checkSparsity('sparsity', args.sparsity);
  checkPruneByData(args);
  const {sparsity, calibration, mask, signal, onProgress, ...selection} = args;
  const kernels = kernelsOf('model', graphArtifacts(model)).filter((name) => model.weights[name]);
  check(kernels.length > 0, 'model', 'a graph with products or convolutions by weights', 'none');
  const pruned = await prunedKernels(model, kernels, {sparsity, ...selection});
  const state = new GraphState(model);
  const names = [...pruned.keys()];
  try {
    const zeros = await countZeros([...pruned.values()]);
    setGraphWeights(model, pruned);
    const {structure} = args;
    const done =
      calibration === undefined
        ? {layers: [], left: []}
        : await reconstructGraph(model, {
            ...{names, dense: state.values, calibration, mask, structure, signal, onProgress},
          });
    await keepInArtifacts(model, state.changed(model));
    const weights = names.map((name, i) => ({
      name,
      size: model.weights[name][0].size,
      zeros: zeros[i],
    }));
    const sum = (key: 'size' | 'zeros') => weights.reduce((all, each) => all + each[key], 0);
    return {weights, sparsity: sum('zeros') / sum('size'), ...done};
  } catch (error) {
    state.restore(model);
    throw error;
  } finally {
    state.dispose();
  }
}

const OPTIONS = ['sparsity', ...SELECTION_OPTIONS, ...PRUNE_BY_DATA_OPTIONS];

/** What pruning makes of the kernels, by name. The model is left alone. */
async function prunedKernels(
  model: GraphModelLike,
  kernels: readonly string[],
  {layers, scope, criterion, ...args}: PruneGraphArgs,
): Promise<Map<string, Tensor>> {
  const named = layers === undefined || Array.isArray(layers) ? layers : Object.keys(layers);
  const unknown = named?.find((name) => !kernels.includes(name));
  const known = `names of weights among ${kernels.join(', ')}`;
  check(unknown === undefined, 'layers', known, unknown);
  const transposed = transposedKernels(model);
  const holders = holdKernels(
    kernels.map((name) => ({
      name,
      value: model.weights[name][0],
      isTransposed: transposed.has(name),
    })),
  );
  try {
    const options = {...args, ...(criterion ? {criterion} : {})};
    const isLamp = scope === 'global' && (criterion ?? 'magnitude') === 'magnitude';
    check(
      !isLamp || args.structure === undefined,
      'scope',
      "'layer' or 'erk' with a structure",
      scope,
    );
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
  {sparsity, layers, minKeep = 0, ofRemaining = false}: PruneGraphArgs,
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

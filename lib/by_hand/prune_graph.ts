import {check, checkOptions, checkSparsity} from '../base/check';
import {countZeros} from '../base/count_zeros';
import {kernelsOf} from '../model/graph_kernels';
import {
  checkGraphModel,
  graphArtifacts,
  type GraphModelLike,
  setGraphWeights,
} from '../model/graph_model';
import {GraphState, keepInArtifacts} from '../reconstruct/graph_state';
import type {LeftLayer} from '../reconstruct/layer_sites';
import {
  checkPruneByData,
  maskChooser,
  PRUNE_BY_DATA_OPTIONS,
  type PruneByDataArgs,
} from '../reconstruct/prune_by_data';
import {reconstructGraph} from '../reconstruct/reconstruct_graph';
import type {ReconstructedLayer} from '../reconstruct/sequence';
import {SELECTION_OPTIONS} from '../weights/selection';
import {prunedKernels, type PrunedKernelArgs} from './pruned_kernels';

/** Arguments of `pruneGraph`. */
export interface PruneGraphArgs extends PrunedKernelArgs, PruneByDataArgs {}

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
  /** The weights that were adjusted, with `calibration`. */
  layers: ReconstructedLayer[];
  /** The pruned weights that were not adjusted, and why. */
  left: LeftLayer[];
}

/**
 * Prunes a `tf.GraphModel` in place. tfjs cannot train such converted models.
 *
 * With `calibration`, a few hundred inputs without labels, it then adjusts the kept
 * weights, node by node, as `reconstruct` does for layers. `model.save(…)` saves the
 * pruned weights as float32, even if the file had them in fewer bits; `compressed` can
 * quantize them again.
 *
 * By default, `scope: 'global'` ranks the weights of all kernels by LAMP (Lee et al.
 * 2021, https://arxiv.org/abs/2010.07611). LAMP ignores the scale of a kernel, which says
 * nothing about importance after a normalization has been folded in.
 *
 * @param model A loaded GraphModel; it is pruned in place.
 * @throws PruningError for an argument out of its range, an unknown option or weight, a
 *   graph without kernels, and samples that it does not take; the model is then as
 *   before.
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
  const kernels = kernelsOf('model', graphArtifacts(model)).flatMap((kernel) => {
    const [value] = model.weights[kernel.name] ?? [];
    return value ? [{...kernel, value}] : [];
  });
  check(kernels.length > 0, 'model', 'a graph with products or convolutions by weights', 'none');
  const pruned = await prunedKernels(kernels, {sparsity, ...selection});
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
            ...{names, dense: state.values, calibration, structure, signal, onProgress},
            chooser: maskChooser({mask, ...selection}),
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

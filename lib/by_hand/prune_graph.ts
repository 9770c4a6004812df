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
 * et al. 2021, https://arxiv.org/abs/2010.07611), which leaves out the scale of a
 * kernel. Kernels with a folded normalization differ in it for no reason that
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

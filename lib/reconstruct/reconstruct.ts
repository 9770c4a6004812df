import type {Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOptions} from '../base/check';
import {PruningError} from '../base/errors';
import {type Step, type Verbose, withProgressLine} from '../base/progress_line';
import {checkStoppable, type Stoppable} from '../base/stoppable';
import type {SampleDataset, Samples} from '../data/samples';
import {checkModel} from '../model/check_model';
import {checkLayerFilter, type LayerFilter} from '../model/layer_selection';
import {orUndone} from '../projection/model_state';
import type {LeftLayer} from './layer_sites';
import {reconstructLayers} from './reconstruct_layers';
import type {ReconstructedLayer, ReconstructProgress} from './sequence';
import {denseWeightsOf, type Teacher} from './teacher';

/** Arguments of `reconstruct`; `x` or a `dataset` is needed. */
export interface ReconstructArgs extends Stoppable<ReconstructProgress>, Verbose {
  /**
   * The model before pruning: the dense model, of the same topology, or a
   * `snapshotWeights` of the model itself.
   */
  teacher: Teacher;
  /** A few hundred inputs like those that the model will see: a tensor, or one for each input. */
  x?: Tensor | Tensor[];
  /** Samples per batch, at least 1. Default: 32. */
  batchSize?: number;
  /** Inputs as a finite dataset of batches `{xs, ys}`, instead of `x`; `ys` are not used. */
  dataset?: SampleDataset;
  /** Which layers: a predicate or names. Default: all that can be adjusted. */
  layers?: LayerFilter;
}

/** The result of `reconstruct`. */
export interface ReconstructReport {
  /** The adjusted layers, in the order in which the model calls them. */
  layers: ReconstructedLayer[];
  /** The layers with weights that were not adjusted, and why. */
  left: LeftLayer[];
}

/**
 * Recovers the accuracy of a pruned model from inputs alone: without labels, gradients or
 * training.
 *
 * Layer by layer, it solves for the values of the kept weights. They are the
 * least-squares solution that brings the outputs of the layer closest to those of the
 * dense model, given the inputs of the layer in the pruned model (ThiNet, Luo et al.
 * 2017, https://arxiv.org/abs/1707.06342; AdaPrune, Hubara et al. 2021,
 * https://arxiv.org/abs/2102.08124). Biases correct the means. Zeros stay zero: single
 * weights, blocks, or whole channels, masked or not.
 *
 * It adjusts dense layers, and convolutions of all kinds, including transposed, depthwise
 * and separable ones. It does not adjust recurrent layers and embeddings. It takes
 * seconds with a few hundred samples, which must be real inputs, not noise. The model
 * need not be compiled. It gains nothing if you fine-tune with labels afterward.
 *
 * @param model A pruned model, whose weights are replaced.
 * @throws PruningError for a wrong argument, a teacher of another topology, a model with
 *   state between batches, no samples, and samples that are not finite. The model is then
 *   as before, also if the run is stopped.
 * @example
 * const teacher = snapshotWeights(model);
 * await pruneNow(model, {sparsity: 0.9, scope: 'global'});
 * const {layers} = await reconstruct(model, {teacher, x});
 * teacher.dispose();
 */
export async function reconstruct(
  model: LayersModel,
  args: ReconstructArgs,
): Promise<ReconstructReport> {
  const describe = ({done, total, layer: {name}}: ReconstructProgress): Step => ({
    done,
    total,
    note: name,
  });
  return withProgressLine('reconstruct', args, describe, (shown) => solve(model, shown));
}

async function solve(model: LayersModel, args: ReconstructArgs): Promise<ReconstructReport> {
  checkModel(model);
  checkOptions('reconstruct', args, OPTIONS);
  checkStoppable(args);
  const {teacher, layers, signal, onProgress} = args;
  if (layers !== undefined) {
    checkLayerFilter(layers);
  }
  const calibration = calibrationOf(args);
  const dense = denseWeightsOf(model, teacher);
  const settings = {dense, calibration, layers, signal, onProgress};
  return orUndone(model, () => reconstructLayers(model, settings)).catch((error: unknown) => {
    throw asOwn(error);
  });
}

const OPTIONS = [
  'teacher',
  'x',
  'batchSize',
  'dataset',
  'layers',
  'signal',
  'onProgress',
  'verbose',
];

function calibrationOf({x, batchSize, dataset}: ReconstructArgs): Samples {
  const isOne = (x === undefined) !== (dataset === undefined);
  check(isOne, 'x', 'inputs, or a dataset', x === undefined ? 'neither' : 'both');
  if (dataset !== undefined) {
    const isDataset = typeof (dataset as {iterator?: unknown} | null)?.iterator === 'function';
    check(isDataset, 'dataset', 'a dataset of batches {xs, ys}', dataset);
    check(batchSize === undefined, 'batchSize', 'none: a dataset has its batches', batchSize);
    return dataset;
  }
  if (batchSize !== undefined) {
    checkInteger('batchSize', batchSize, 1);
  }
  return {x: x!, ...(batchSize === undefined ? {} : {batchSize})};
}

/** Errors about the samples name them as they are called here. */
function asOwn(error: unknown): unknown {
  if (error instanceof PruningError && error.argument.startsWith('calibration')) {
    const argument = error.argument
      .replace(/^calibration(\.xs)?$/, 'x')
      .replace('calibration.', '');
    return new PruningError(argument, error.expected, error.received, {cause: error.cause});
  }
  return error;
}

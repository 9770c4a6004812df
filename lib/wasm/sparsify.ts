import {
  _FusedMatMul,
  backend,
  BatchMatMul,
  Conv2D,
  engine,
  FusedConv2D,
  getBackend,
} from '@tensorflow/tfjs-core';
import {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkOptions} from '../base/check';
import {countZeros} from '../base/count_zeros';
import {overrideKernel} from '../kernels/override_kernel';
import {openSession, whyNoSession, type KernelSession} from '../kernels/session';
import {chooseBlock} from '../kernels/sparse/cost';
import type {Matrix} from '../kernels/sparse/matrix';
import {sparseWeightsOf} from '../kernels/sparse/registry';
import {checkLayerFilter, type LayerFilter} from '../model/layer_selection';
import {FASTER_KERNELS} from './faster/faster_kernels';
import {graphWeights, isGraphModel, type GraphModelLike} from './sparse/graph_weights';
import {layerWeights, type ModelWeight} from './sparse/layer_weights';
import {sparseConv2D} from './sparse/sparse_conv2d';
import {sparseMatMul} from './sparse/sparse_mat_mul';

/** Options of `sparsify`. */
export interface SparsifyArgs {
  /**
   * Which layers: a predicate over the layers of a `LayersModel`, or a list of names; of a
   * `GraphModel` names of weights or operations. Default: all.
   */
  layers?: LayerFilter;
  /** Weights with a smaller share of zeros stay dense. Default: 0.4. */
  minSparsity?: number;
}

/** What `sparsify` did with a weight. */
export interface SparsifiedWeight {
  /** Of a `LayersModel` the path of the weight, `'dense_1/kernel'`. */
  readonly name: string;
  readonly shape: number[];
  /** How many of its numbers are 0. */
  readonly zeros: number;
  /** Which kernel computes with it; the blocks are of neighboring outputs. */
  readonly kernel: 'sparse' | 'sparse 1x2' | 'sparse 1x4' | 'dense';
  /** Why it is dense. */
  readonly reason?: string;
}

/** A model's sparse weights, until they are disposed. */
export interface Sparsified {
  readonly layers: SparsifiedWeight[];
  /** The memory that the sparse forms take now, in bytes, beside the dense weights. */
  readonly bytes: number;
  /** Frees the sparse forms; the model then predicts as before. */
  dispose(): void;
}

const OPTIONS: ReadonlyArray<keyof SparsifyArgs> = ['layers', 'minSparsity'];
/** With fewer zeros hardly any shape gains. */
const MIN_SPARSITY = 0.4;
/** Rows or pixels for which the kernel of a report is chosen. */
const MANY_ROWS = 1024;

/**
 * Makes the predictions of a model on the wasm backend skip its zeros. `predict`,
 * `execute` and `executeAsync` stay as they are, and so do the results: those of
 * convolutions and of batches of at least 4 are equal to the bit, single rows of dense
 * layers to 1e-5.
 *
 * Training replaces weights, and a replaced weight is dense: call `sparsify` again
 * after it. What the sparse kernels cannot do, tfjs does as before.
 *
 * @param model A `tf.LayersModel` or `tf.GraphModel`.
 * @returns Which weights are sparse, and why others are not.
 * @throws PruningError where the backend is not `'wasm'`, the model is disposed, or it
 *   belongs to another copy of tfjs.
 *
 * @example
 * await tf.setBackend('wasm');
 * const sparse = await sparsify(model);
 * sparse.layers[0]; //=> {name: 'dense_1/kernel', shape: [784, 300], zeros: 211680, kernel: 'sparse'}
 * model.predict(x); // Several times as fast as before.
 */
export async function sparsify(
  model: LayersModel | GraphModelLike,
  args: SparsifyArgs = {},
): Promise<Sparsified> {
  checkOptions('args', args, OPTIONS);
  const {layers, minSparsity = MIN_SPARSITY} = args;
  const isShare = typeof minSparsity === 'number' && minSparsity >= 0 && minSparsity <= 1;
  check(isShare, 'minSparsity', 'a number in [0, 1]', minSparsity);
  const expected = "'wasm': call await tf.setBackend('wasm') first";
  check(getBackend() === 'wasm', 'backend', expected, getBackend());
  const weights = weightsOf(model, layers);
  const current = backend();
  const zeros = await countZeros(weights.map(({tensor}) => tensor));
  const found = weights.map((weight, i) => ({...weight, zeros: zeros[i]}));
  const obstacle = whyNoSession(current);
  if (obstacle !== undefined) {
    const layers = found.map((weight) => describe({...weight, reason: obstacle}));
    return {layers, bytes: 0, dispose: () => {}};
  }
  const session = await openSession(current);
  overrideKernels();
  const held = found.map((weight) => hold(session, weight, minSparsity));
  return {
    layers: held.map(({report}) => report),
    get bytes() {
      return held.reduce((sum, {bytes}) => sum + bytes(), 0);
    },
    dispose: () => held.forEach(({release}) => release()),
  };
}

/** Replaces the kernels that take weights, once. */
function overrideKernels(): void {
  overrideKernel(Conv2D, sparseConv2D);
  overrideKernel(FusedConv2D, sparseConv2D);
  overrideKernel(BatchMatMul, sparseMatMul);
  overrideKernel(_FusedMatMul, sparseMatMul);
  FASTER_KERNELS.forEach(([name, kernel]) => overrideKernel(name, kernel));
}

function weightsOf(model: unknown, layers: LayerFilter | undefined): ModelWeight[] {
  if (layers !== undefined) {
    checkLayerFilter(layers);
  }
  const isLayers = model instanceof LayersModel;
  const isGraph = !isLayers && isGraphModel(model);
  check(isLayers || isGraph, 'model', 'a tf.LayersModel or a tf.GraphModel', model);
  let weights: ModelWeight[];
  if (isLayers) {
    weights = layerWeights(model, layers);
  } else {
    const isList = typeof layers !== 'function';
    check(isList, 'layers', 'a list of names for a GraphModel', layers);
    weights = graphWeights(model as GraphModelLike, layers as readonly string[] | undefined);
  }
  for (const {name, tensor} of weights) {
    check(!tensor.isDisposed, name, 'a weight in use', 'a disposed one');
    const isKnown = engine().state.tensorInfo.has(tensor.dataId);
    check(isKnown, 'model', "a model of this library's copy of tfjs", 'a model of another copy');
  }
  return weights;
}

/** A weight of the model and its zeros. */
interface CountedWeight extends ModelWeight {
  readonly zeros: number;
}

/** A weight that is registered, or not. */
interface Held {
  readonly report: SparsifiedWeight;
  bytes(): number;
  release(): void;
}

function hold(session: KernelSession, weight: CountedWeight, minSparsity: number): Held {
  const {tensor, zeros} = weight;
  const {dataId, size} = tensor;
  const outputs = tensor.shape[tensor.rank - 1];
  const matrix: Matrix = {inputs: size / outputs, outputs, transposed: false};
  const isDense = zeros < minSparsity * size;
  const reason = weight.reason ?? (isDense ? `less than ${percent(minSparsity)} zeros` : undefined);
  if (reason !== undefined) {
    return dense({...weight, reason});
  }
  const registry = sparseWeightsOf(session);
  const sparse = registry.hold(dataId);
  const block = chooseBlock(matrix, sparse.countsOf(matrix), {rows: MANY_ROWS});
  if (block === undefined) {
    registry.release(dataId, sparse);
    return dense({...weight, reason: 'too small, or too few zeros, to gain'});
  }
  let isHeld = true;
  return {
    report: describe(weight, block === 1 ? 'sparse' : `sparse 1x${block}`),
    bytes: () => (isHeld && registry.get({dataId}) === sparse ? sparse.bytes(matrix, block) : 0),
    release: () => {
      if (isHeld) {
        isHeld = false;
        registry.release(dataId, sparse);
      }
    },
  };
}

function dense(weight: CountedWeight): Held {
  return {report: describe(weight), bytes: () => 0, release: () => {}};
}

function describe(
  {name, tensor, zeros, reason}: CountedWeight,
  kernel: SparsifiedWeight['kernel'] = 'dense',
): SparsifiedWeight {
  const report = {name, shape: [...tensor.shape], zeros, kernel};
  return reason === undefined ? report : {...report, reason};
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

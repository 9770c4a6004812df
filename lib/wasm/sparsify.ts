import {
  _FusedMatMul,
  backend,
  BatchMatMul,
  Conv2D,
  FusedConv2D,
  getBackend,
} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkOptions} from '../base/check';
import {countZeros} from '../base/count_zeros';
import {overrideKernel} from '../kernels/override_kernel';
import {openSession, whyNoSession} from '../kernels/session';
import type {GraphModelLike} from '../model/graph_model';
import type {LayerFilter} from '../model/layer_selection';
import {FASTER_KERNELS} from './faster/faster_kernels';
import {MIN_SPARSITY} from './min_sparsity';
import {describe, hold, type SparsifiedWeight} from './sparse/hold';
import {modelWeights} from './sparse/model_weights';
import {sparseConv2D} from './sparse/sparse_conv2d';
import {sparseMatMul} from './sparse/sparse_mat_mul';

export type {SparsifiedWeight};

/** Options of `sparsify`. */
export interface SparsifyArgs {
  /**
   * Which layers: a predicate over the layers of a `LayersModel`, or a list of names. For
   * a `GraphModel`, names of weights or operations. Default: all.
   */
  layers?: LayerFilter;
  /** Weights with a smaller share of zeros, in [0, 1], stay dense. Default: 0.4. */
  minSparsity?: number;
}

/** The sparse weights of a model, until you dispose them. */
export interface Sparsified {
  /** The weights, and the kernel that computes with each. */
  readonly layers: SparsifiedWeight[];
  /** The memory of the sparse forms in bytes, in addition to the dense weights. */
  readonly bytes: number;
  /** Frees the sparse forms; the model then predicts as before. */
  dispose(): void;
}

const OPTIONS: ReadonlyArray<keyof SparsifyArgs> = ['layers', 'minSparsity'];

/**
 * Makes the predictions of a model on the wasm backend skip its zeros. You still call
 * `predict`, `execute` or `executeAsync`, with the same results: convolutions and batches
 * of at least 4 agree exactly, and smaller batches of dense layers to 1e-5.
 *
 * A weight that changes after `sparsify`, as in training, becomes dense: call `sparsify`
 * again. tfjs computes everything else as before.
 *
 * @param model A `tf.LayersModel` or `tf.GraphModel`.
 * @returns Which weights are sparse, and why others are not.
 * @throws PruningError for a wrong option, a backend other than `'wasm'`, and a model that
 *   is disposed or belongs to another copy of tfjs.
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
  checkOptions('sparsify', args, OPTIONS);
  const {layers, minSparsity = MIN_SPARSITY} = args;
  const isShare = typeof minSparsity === 'number' && minSparsity >= 0 && minSparsity <= 1;
  check(isShare, 'minSparsity', 'a number in [0, 1]', minSparsity);
  const expected = "'wasm': call await tf.setBackend('wasm') first";
  check(getBackend() === 'wasm', 'backend', expected, getBackend());
  const weights = modelWeights(model, layers);
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

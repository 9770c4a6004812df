import {overrideKernel, type Replacement} from '../kernels/override_kernel';
import {AVG_POOL_3D_GRAD, AVG_POOL_GRAD, avgPool3DGrad, avgPoolGrad} from './avg_pool_grad';
import {CONV3D_BACKPROP_FILTER, conv3DBackpropFilter} from './conv3d_backprop_filter';
import {CONV3D_BACKPROP_INPUT, conv3DBackpropInput} from './conv3d_backprop_input';
import {BY_ELEMENT_TYPE} from './element_types';
import {GATHER, gatherBatches} from './gather_batches';
import {MAX_POOL_3D, maxPool3D} from './max_pool3d';
import {MAX_POOL_3D_GRAD, MAX_POOL_GRAD, maxPool3DGrad, maxPoolGrad} from './max_pool_grad';
import {ONE_HOT, oneHot} from './one_hot';
import {SELECT, select} from './select';
import {STRIDED_SLICE, stridedSlice} from './strided_slice';

/** Kernels of which the wasm backend of tfjs 4.22 has wrong ones. */
const RIGHT: ReadonlyArray<readonly [string, Replacement]> = [
  [AVG_POOL_GRAD, avgPoolGrad],
  [AVG_POOL_3D_GRAD, avgPool3DGrad],
  [CONV3D_BACKPROP_FILTER, () => conv3DBackpropFilter],
  [CONV3D_BACKPROP_INPUT, () => conv3DBackpropInput],
  [MAX_POOL_3D, () => maxPool3D],
  [MAX_POOL_3D_GRAD, () => maxPool3DGrad],
  [MAX_POOL_GRAD, () => maxPoolGrad],
  [GATHER, gatherBatches],
  [ONE_HOT, oneHot],
  [SELECT, select],
  [STRIDED_SLICE, stridedSlice],
  ...BY_ELEMENT_TYPE,
];

/**
 * Replaces kernels of the wasm backend that compute something else than they should.
 *
 * @returns The names of the kernels that were replaced: none where the backend was
 *   not imported before, and none the second time.
 */
export function replaceWrongKernels(): string[] {
  return RIGHT.filter(([name, kernel]) => overrideKernel(name, kernel)).map(([name]) => name);
}

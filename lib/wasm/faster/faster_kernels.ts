import {
  DepthwiseConv2dNative,
  FusedBatchNorm,
  FusedDepthwiseConv2D,
  Tile,
} from '@tensorflow/tfjs-core';

import type {Replacement} from '../../kernels/override_kernel';
import {batchNorm} from './batch_norm';
import {depthwiseConv2D} from './depthwise_conv2d';
import {tile} from './tile';

/** Kernels of this library that give what tfjs's give, and are faster. */
export const FASTER_KERNELS: ReadonlyArray<readonly [string, Replacement]> = [
  [FusedBatchNorm, batchNorm],
  [DepthwiseConv2dNative, depthwiseConv2D],
  [FusedDepthwiseConv2D, depthwiseConv2D],
  [Tile, tile],
];

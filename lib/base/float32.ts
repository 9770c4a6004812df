import {cast, mul, type Tensor} from '@tensorflow/tfjs-core';

/** The largest finite float32; WebGL is not reliable with infinities. */
export const LARGEST = 3.4028234663852886e38;

/**
 * A tensor as float32: 1 and 0 of a condition.
 *
 * A `cast` would do but on WebGPU, where it renames the type of the same memory. What
 * transposes that, as a reduction along an axis may, then fails without an error, and
 * with it all commands of the batch. A product has memory of its own.
 */
export function toFloat32(tensor: Tensor): Tensor {
  const renamed = cast(tensor, 'float32');
  return tensor.dtype === 'float32' ? renamed : mul(renamed, 1);
}

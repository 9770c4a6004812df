import {pad as padWithZeros, reshape} from '@tensorflow/tfjs-core';
import type {Tensor4D} from '@tensorflow/tfjs-core';

/** Puts `stride - 1` rows or columns of zeros behind each row and column. */
export function spreadPixels(x: Tensor4D, strideHeight: number, strideWidth: number): Tensor4D {
  if (strideHeight === 1 && strideWidth === 1) {
    return x;
  }
  const [batch, height, width, channels] = x.shape;
  const spread = padWithZeros(reshape(x, [batch * height, 1, width, channels]), [
    [0, 0],
    [0, strideHeight - 1],
    [0, 0],
    [0, (strideWidth - 1) * channels],
  ]);
  return reshape(spread, [batch, height * strideHeight, width * strideWidth, channels]);
}

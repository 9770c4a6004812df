import {
  avgPool,
  cast,
  expandDims,
  image,
  mul,
  slice,
  squeeze,
  sum,
  type Tensor3D,
  tensor1d,
  tensor3d,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';

import type {Picture} from './decode';
import {turned} from './orientation';

/** What an image becomes. */
export interface FitArgs {
  height: number;
  width: number;
  /** 1 for gray, 3 for colors. */
  channels: number;
  /** Whether edges are cut off, so that nothing is stretched. */
  crop: boolean;
}

/** What each color adds to how bright it seems: https://www.itu.int/rec/R-REC-BT.601. */
const LUMA = [0.299, 0.587, 0.114];

/** A picture in the size and the channels that a model takes, [height, width, channels], 0 to 255. */
export function fitted(
  {width, height, pixels, orientation}: Picture,
  {height: high, width: wide, channels, crop}: FitArgs,
): Tensor3D {
  return tidy(() => {
    const stored = tensor3d(pixels, [height, width, 4], 'int32');
    const colors = cast(slice(stored, 0, [height, width, 3]), 'float32');
    const upright = turned(colors, orientation);
    const whole = crop ? cropped(upright, high / wide) : upright;
    const small = shrunk(expandDims(whole), high, wide);
    const sized = squeeze<Tensor3D>(image.resizeBilinear(small, [high, wide], false, true), [0]);
    return channels === 1 ? sum(mul(sized, tensor1d(LUMA)), 2, true) : sized;
  });
}

/** The middle of an image, as high as `ratio` times its width. */
function cropped(whole: Tensor3D, ratio: number): Tensor3D {
  const [height, width, channels] = whole.shape;
  const high = Math.max(1, Math.min(height, Math.round(width * ratio)));
  const wide = Math.max(1, Math.min(width, Math.round(height / ratio)));
  const begin = [Math.floor((height - high) / 2), Math.floor((width - wide) / 2), 0];
  return slice(whole, begin, [high, wide, channels]);
}

/** Means of whole pixels, so that none of a large image is left out when it is scaled. */
function shrunk(large: Tensor4D, high: number, wide: number): Tensor4D {
  const factors = [large.shape[1] / high, large.shape[2] / wide];
  const [y, x] = factors.map((factor) => Math.max(1, Math.floor(factor)));
  return y * x === 1 ? large : avgPool(large, [y, x], [y, x], 'valid');
}

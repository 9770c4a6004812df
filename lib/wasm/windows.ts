import {type backend_util, pad, reshape, slice, type Tensor} from '@tensorflow/tfjs-core';

type Info2D = ReturnType<typeof backend_util.computePool2DInfo>;
type Info3D = ReturnType<typeof backend_util.computeConv3DInfo>;

/** How windows slide along one axis of their input. */
export interface Sliding {
  /** Elements of the input before the first window: negative where that reads padding. */
  readonly begin: number;
  /** Elements from the begin of the first window to the end of the last. */
  readonly size: number;
  /** Elements of the input. */
  readonly inSize: number;
  readonly stride: number;
  readonly filter: number;
  /** Number of windows. */
  readonly count: number;
}

/** How the windows of a 2D pooling slide along height and width. */
export function slidingOfImages(info: Info2D): [Sliding, Sliding] {
  const {padInfo} = info;
  return [
    sliding(padInfo.top, info.inHeight, info.strideHeight, info.filterHeight, info.outHeight),
    sliding(padInfo.left, info.inWidth, info.strideWidth, info.filterWidth, info.outWidth),
  ];
}

/** How the windows of a 3D convolution or pooling slide along depth, height and width. */
export function slidingOf(info: Info3D): [Sliding, Sliding, Sliding] {
  const {padInfo} = info;
  return [
    sliding(padInfo.front, info.inDepth, info.strideDepth, info.filterDepth, info.outDepth),
    sliding(padInfo.top, info.inHeight, info.strideHeight, info.filterHeight, info.outHeight),
    sliding(padInfo.left, info.inWidth, info.strideWidth, info.filterWidth, info.outWidth),
  ];
}

function sliding(
  before: number,
  inSize: number,
  stride: number,
  filter: number,
  count: number,
): Sliding {
  return {begin: -before, size: (count - 1) * stride + filter, inSize, stride, filter, count};
}

/**
 * What the windows read, `[batch, depth, height, width, channels]` of `x`: cut off
 * where none does, and filled up where they read padding, so that they need none.
 */
export function readByWindows(x: Tensor, axes: readonly Sliding[], filling = 0): Tensor {
  return refit(
    x,
    axes.map(({begin, size}) => [begin, size] as const),
    filling,
  );
}

/** Puts the gradient of `readByWindows` where the input was. */
export function backToInput(dx: Tensor, axes: readonly Sliding[]): Tensor {
  return refit(
    dx,
    axes.map(({begin, inSize}) => [-begin, inSize] as const),
    0,
  );
}

/**
 * The slices along depth that the tap of number `tap` of each window reads, as
 * images: `[batch * count, height, width, channels]`.
 */
export function depthSlices(x: Tensor, {stride, count}: Sliding, tap: number): Tensor {
  const [batch, , height, width, channels] = x.shape;
  const row = height * width * channels;
  const rows = reshape(x, [batch, -1, row]);
  const from = slice(rows, [0, tap, 0], [batch, (count - 1) * stride + 1, row]);
  const all = reshape(
    pad(from, [
      [0, 0],
      [0, stride - 1],
      [0, 0],
    ]),
    [batch, count, stride * row],
  );
  return reshape(slice(all, [0, 0, 0], [batch, count, row]), [-1, height, width, channels]);
}

/** Puts images where `depthSlices` takes them, zeros elsewhere: `[batch, size, …]`. */
export function spreadAlongDepth(
  images: Tensor,
  {stride, count, size}: Sliding,
  tap: number,
): Tensor {
  const [all, ...rest] = images.shape;
  const row = rest.reduce((product, each) => product * each, 1);
  const batch = all / count;
  const spread = pad(reshape(images, [batch, count, row]), [
    [0, 0],
    [0, 0],
    [0, (stride - 1) * row],
  ]);
  const rows = slice(
    reshape(spread, [batch, count * stride, row]),
    [0, 0, 0],
    [batch, (count - 1) * stride + 1, row],
  );
  const placed = pad(rows, [
    [0, 0],
    [tap, size - tap - ((count - 1) * stride + 1)],
    [0, 0],
  ]);
  return reshape(placed, [batch, size, ...rest]);
}

/** Gives the axes after the batch another extent: where it begins, from 0, and its size. */
function refit(
  x: Tensor,
  extents: ReadonlyArray<readonly [number, number]>,
  filling: number,
): Tensor {
  const begins = extents.map(([begin]) => Math.max(0, begin));
  const sizes = extents.map(([begin, size], i) =>
    Math.max(0, Math.min(x.shape[i + 1], begin + size) - begins[i]),
  );
  const [batch, channels] = [x.shape[0], x.shape[x.rank - 1]];
  const inside = slice(x, [0, ...begins, 0], [batch, ...sizes, channels]);
  const paddings = extents.map(([begin, size], i): [number, number] => {
    const before = Math.max(0, -begin);
    return [before, size - before - sizes[i]];
  });
  return pad(inside, [[0, 0], ...paddings, [0, 0]], filling);
}

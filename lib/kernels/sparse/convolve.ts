import type {backend_util} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../session';
import type {BlockSize, Matrix} from './matrix';
import {multiply, planProduct} from './multiply';
import type {SparseWeight} from './sparse_weight';

export type Conv2DInfo = backend_util.Conv2DInfo;

const FLOAT = 4;
const LINE = 64;
const TILE = 48;

/** A convolution's operands in the backend's memory. */
export interface Convolution {
  readonly x: number;
  readonly bias: number;
  readonly limits: number;
  readonly y: number;
}

/** How a filter is convolved; `undefined` where dense is quicker. */
export function planConvolution(weight: SparseWeight, info: Conv2DInfo): BlockSize | undefined {
  const matrix = matrixOf(info);
  if (isProduct(info)) {
    return planProduct(weight, matrix, {rows: pixelsOf(info), exact: true});
  }
  const {rowPhases, columnPhases, planeBytes, columns, inChannels} = planesOf(info);
  const length = (info.outHeight - 1) * columns + info.outWidth;
  return weight.blockFor(keyOf(info), matrix, {
    rows: info.outHeight * info.outWidth,
    positions: Math.ceil(length / 4) * 4,
    read: (inChannels * rowPhases * columnPhases * planeBytes) / FLOAT,
  });
}

/** y = clamp(x convolved with w + bias), for NHWC without dilations. */
export function convolve(
  session: KernelSession,
  weight: SparseWeight,
  info: Conv2DInfo,
  block: BlockSize,
  {x, bias, limits, y}: Convolution,
): void {
  const matrix = matrixOf(info);
  if (isProduct(info)) {
    const operands = {x, rows: pixelsOf(info), bias, limits, y, exact: true};
    return multiply(session, weight, matrix, block, operands);
  }
  const {inHeight, inWidth, inChannels, outHeight, outWidth, outChannels} = info;
  const {strideHeight, strideWidth, padInfo} = info;
  const planes = planesOf(info);
  const {rowPhases, columnPhases, columns, planeBytes} = planes;
  const {starts, runs} = weight.encoding(`${keyOf(info)},${block}`, matrix, block, () =>
    offsetsOf(info, planes),
  );
  const total = inChannels * rowPhases * columnPhases * planeBytes;
  const scratch = session.scratchOf(total + 4 * TILE * FLOAT);
  const convolution = session.kernels[`convolution${block}`];
  for (let image = 0; image < info.batchSize; ++image) {
    session.kernels.planes(
      ...[x + image * inHeight * inWidth * inChannels * FLOAT, inHeight, inWidth, inChannels],
      ...[padInfo.top, padInfo.left, strideHeight, strideWidth],
      ...[rowPhases, columnPhases, columns, planeBytes, total, scratch],
    );
    convolution(
      ...[scratch, outHeight, outWidth, columns, outChannels, TILE],
      ...[starts, runs, bias, limits],
      ...[y + image * outHeight * outWidth * outChannels * FLOAT, scratch + total],
    );
  }
}

/** The image as `planes` of the kernels lays it out. */
interface Planes {
  readonly inChannels: number;
  readonly rowPhases: number;
  readonly columnPhases: number;
  readonly columns: number;
  readonly planeBytes: number;
}

function planesOf(info: Conv2DInfo): Planes {
  const {inHeight, inWidth, inChannels, outHeight, outWidth, padInfo} = info;
  const {filterHeight, filterWidth, strideHeight, strideWidth} = info;
  const spanOf = (out: number, filter: number, stride: number, size: number, before: number) =>
    Math.max(out + Math.floor((filter - 1) / stride), Math.ceil((size + before) / stride));
  const rows = spanOf(outHeight, filterHeight, strideHeight, inHeight, padInfo.top);
  const columns = spanOf(outWidth, filterWidth, strideWidth, inWidth, padInfo.left);
  // The last tile reads on. An odd number of cache lines: planes then fall into different sets.
  const lines = Math.ceil(((rows * columns + TILE) * FLOAT) / LINE) | 1;
  return {
    inChannels,
    rowPhases: Math.min(strideHeight, filterHeight),
    columnPhases: Math.min(strideWidth, filterWidth),
    columns,
    planeBytes: lines * LINE,
  };
}

/** Where the pixel that a weight meets first lies in the planes, for each of its inputs. */
function offsetsOf(
  {filterHeight, filterWidth, strideHeight, strideWidth, inChannels}: Conv2DInfo,
  {rowPhases, columnPhases, columns, planeBytes}: Planes,
): Uint32Array {
  const offsets = new Uint32Array(filterHeight * filterWidth * inChannels);
  let input = 0;
  for (let row = 0; row < filterHeight; ++row) {
    for (let column = 0; column < filterWidth; ++column) {
      const phase = (row % strideHeight) * columnPhases + (column % strideWidth);
      const place = Math.floor(row / strideHeight) * columns + Math.floor(column / strideWidth);
      for (let channel = 0; channel < inChannels; ++channel) {
        const plane = channel * rowPhases * columnPhases + phase;
        offsets[input++] = plane * planeBytes + place * FLOAT;
      }
    }
  }
  return offsets;
}

/** Whether each pixel of the output comes from the same pixel of the input alone. */
function isProduct(info: Conv2DInfo): boolean {
  return (
    info.filterHeight === 1 &&
    info.filterWidth === 1 &&
    info.strideHeight === 1 &&
    info.strideWidth === 1 &&
    info.outHeight === info.inHeight &&
    info.outWidth === info.inWidth
  );
}

function pixelsOf({batchSize, outHeight, outWidth}: Conv2DInfo): number {
  return batchSize * outHeight * outWidth;
}

function matrixOf({filterHeight, filterWidth, inChannels, outChannels}: Conv2DInfo): Matrix {
  return {
    inputs: filterHeight * filterWidth * inChannels,
    outputs: outChannels,
    transposed: false,
  };
}

/** What offsets depend on. */
function keyOf({inHeight, inWidth, outHeight, outWidth, padInfo, ...info}: Conv2DInfo): string {
  const {filterHeight, filterWidth, strideHeight, strideWidth, outChannels} = info;
  const sizes = [inHeight, inWidth, outHeight, outWidth, outChannels, padInfo.top, padInfo.left];
  return `convolution,${[...sizes, filterHeight, filterWidth, strideHeight, strideWidth].join()}`;
}

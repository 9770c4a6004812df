import type {backend_util} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../session';
import {chooseBlock} from './cost';
import type {Form} from './encoding';
import type {BlockSize, Matrix} from './matrix';
import {multiply, productForm, sharedForm} from './multiply';
import type {SparseWeight} from './sparse_weight';
import {tileBytes, WIDEST_TILE} from './tile';

export type Conv2DInfo = backend_util.Conv2DInfo;

const FLOAT = 4;
const LINE = 64;

/** A convolution's operands in the backend's memory. */
export interface Convolution {
  readonly x: number;
  readonly bias: number;
  readonly limits: number;
  readonly y: number;
}

/** A form, and the planes that its offsets point into; none where pixels are rows of a product. */
export interface ConvolutionForm extends Form {
  readonly planes?: Planes;
}

/** The form of a filter for a convolution; `undefined` where dense is quicker. */
export function convolutionForm(
  weight: SparseWeight,
  info: Conv2DInfo,
): ConvolutionForm | undefined {
  const matrix = matrixOf(info);
  if (isProduct(info)) {
    return productForm(weight, matrix, pixelsOf(info), true);
  }
  if (info.inChannels === 1 && info.outChannels === 1) {
    return undefined; // XNNPACK takes it for a depthwise one, and adds in another order.
  }
  return weight.form(workOf(info), () => {
    const planes = planesOf(info);
    const length = (info.outHeight - 1) * planes.columns + info.outWidth;
    const block = chooseBlock(matrix, weight.countsOf(matrix), {
      rows: info.outHeight * info.outWidth,
      positions: Math.ceil(length / 4) * 4,
      read: info.inHeight * info.inWidth * info.inChannels,
    });
    return block && formInPlanes(info, planes, block);
  });
}

/** The form with this block, whether it is the quickest or not. */
export function formWith(weight: SparseWeight, info: Conv2DInfo, block: BlockSize): Form {
  return isProduct(info)
    ? sharedForm(weight, matrixOf(info), block, false)
    : formInPlanes(info, planesOf(info), block);
}

function formInPlanes(info: Conv2DInfo, planes: Planes, block: BlockSize): ConvolutionForm {
  const offsets = () => offsetsOf(info, planes);
  return {matrix: matrixOf(info), block, kernel: 'convolution', offsets, planes};
}

/** y = clamp(x convolved with w + bias), for NHWC without dilations. */
export function convolve(
  session: KernelSession,
  weight: SparseWeight,
  info: Conv2DInfo,
  form: ConvolutionForm,
  {x, bias, limits, y}: Convolution,
): void {
  const {planes, block} = form;
  if (!planes) {
    return multiply(session, weight, form, {x, rows: pixelsOf(info), bias, limits, y});
  }
  const {inHeight, inWidth, inChannels, outHeight, outWidth, outChannels} = info;
  const {strideHeight, strideWidth, padInfo} = info;
  const {rowPhases, columnPhases, columns, planeBytes, bytes} = planes;
  const {starts, runs} = weight.encoding(form);
  const scratch = session.scratchOf(tileBytes(outChannels) + bytes);
  // prettier-ignore
  session.kernels.convolution(
    info.batchSize, x, inHeight, inWidth, inChannels,
    padInfo.top, padInfo.left, strideHeight, strideWidth,
    rowPhases, columnPhases, columns, planeBytes, bytes,
    block, outHeight, outWidth, outChannels, starts, runs, bias, limits, y, scratch,
  );
}

/** The image as `planes` of the kernels lays it out. */
interface Planes {
  readonly rowPhases: number;
  readonly columnPhases: number;
  readonly columns: number;
  readonly planeBytes: number;
  /** Of all planes. */
  readonly bytes: number;
}

function planesOf(info: Conv2DInfo): Planes {
  const {inHeight, inWidth, inChannels, outHeight, outWidth, padInfo} = info;
  const {filterHeight, filterWidth, strideHeight, strideWidth} = info;
  const rowPhases = Math.min(strideHeight, filterHeight);
  const columnPhases = Math.min(strideWidth, filterWidth);
  const spanOf = (out: number, filter: number, stride: number, size: number, before: number) => {
    const used = Math.ceil((size + before) / stride);
    return [used, Math.max(0, out + Math.floor((filter - 1) / stride) - used)];
  };
  const [usedRows, rowsAfter] = spanOf(
    outHeight,
    filterHeight,
    strideHeight,
    inHeight,
    padInfo.top,
  );
  const [usedColumns, after] = spanOf(outWidth, filterWidth, strideWidth, inWidth, padInfo.left);
  const rows = usedRows + rowsAfter;
  // The padding before a row is that behind the row above it, too.
  const shared = Math.min(after, Math.ceil((padInfo.left - columnPhases + 1) / strideWidth));
  const columns = Math.max(outWidth, usedColumns + after - Math.max(0, shared));
  // The last tile reads on. An odd number of cache lines: planes then fall into different sets.
  const lines = Math.ceil(((rows * columns + WIDEST_TILE[1]) * FLOAT) / LINE) | 1;
  const planeBytes = lines * LINE;
  const bytes = inChannels * rowPhases * columnPhases * planeBytes;
  return {rowPhases, columnPhases, columns, planeBytes, bytes};
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

/** What the form depends on. */
function workOf(info: Conv2DInfo): number[] {
  const {inHeight, inWidth, outHeight, outWidth, outChannels, padInfo} = info;
  const {filterHeight, filterWidth, strideHeight, strideWidth} = info;
  const {top, left} = padInfo;
  const sizes = [inHeight, inWidth, outHeight, outWidth, outChannels, top, left];
  sizes.push(filterHeight, filterWidth, strideHeight, strideWidth);
  return sizes;
}

import {backend_util} from '@tensorflow/tfjs-core';
import type {
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropFilterInputs,
  Conv2DBackpropInputAttrs,
  Conv2DBackpropInputInputs,
  TensorInfo,
} from '@tensorflow/tfjs-core';

import {gemm, GEMM_BYTES} from '../../kernels/gemm';
import type {KernelSession} from '../../kernels/session';
import {trainingKernels} from '../../kernels/training_kernels';
import {partly} from '../partly';

const FLOAT = 4;

type Shape4D = [number, number, number, number];

/**
 * The gradient of a convolution by its filter: the windows of each image, transposed,
 * times `dy`, added up over the images.
 */
export const packedFilterGradient = partly((session, args) => {
  const {x, dy} = args.inputs as Record<keyof Conv2DBackpropFilterInputs, TensorInfo>;
  const attrs = args.attrs as unknown as Conv2DBackpropFilterAttrs;
  const geometry = geometryOf(x.shape, attrs.filterShape, attrs);
  return geometry && filterGradient(session, x, dy, geometry, attrs.filterShape);
});

/**
 * The gradient of a convolution by its input: `dy` of each image times the transposed
 * filter are windows, which are added up where they overlap.
 */
export const packedInputGradient = partly((session, args) => {
  const {dy, filter} = args.inputs as Record<keyof Conv2DBackpropInputInputs, TensorInfo>;
  const attrs = args.attrs as unknown as Conv2DBackpropInputAttrs;
  const geometry = geometryOf(attrs.inputShape, filter.shape, attrs);
  return geometry && inputGradient(session, dy, filter, geometry, attrs.inputShape);
});

/** The numbers of a convolution that the kernels need. */
interface Geometry extends backend_util.Conv2DInfo {
  /** Of an output. */
  readonly windowSize: number;
  readonly outPixels: number;
  readonly inSize: number;
}

/** `undefined` where the kernels do not apply: channels come first, or there is nothing to compute. */
function geometryOf(
  inShape: number[],
  filterShape: number[],
  attrs: Pick<Conv2DBackpropInputAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'>,
): Geometry | undefined {
  if (attrs.dataFormat !== 'NHWC') {
    return undefined;
  }
  const info = backend_util.computeConv2DInfo(
    inShape as Shape4D,
    filterShape as Shape4D,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const windowSize = info.filterHeight * info.filterWidth * info.inChannels;
  const outPixels = info.outHeight * info.outWidth;
  const inSize = info.inHeight * info.inWidth * info.inChannels;
  return info.batchSize * windowSize * outPixels * info.outChannels === 0
    ? undefined
    : {...info, windowSize, outPixels, inSize};
}

function filterGradient(
  session: KernelSession,
  x: TensorInfo,
  dy: TensorInfo,
  geometry: Geometry,
  filterShape: number[],
): TensorInfo {
  const {batchSize, windowSize, outPixels, outChannels, inSize} = geometry;
  const y = session.backend.makeOutput(filterShape, 'float32');
  const [from, by, c] = [x, dy, y].map((tensor) => session.addressOf(tensor));
  const windows = outPixels * windowSize * FLOAT;
  const scratch = session.scratchOf(GEMM_BYTES + windows);
  const product = {rows: windowSize, columns: outChannels, c, transposeA: true};
  if (isPointwise(geometry)) {
    gemm(session, scratch, {...product, depth: batchSize * outPixels, a: from, b: by});
    return y;
  }
  const a = scratch + GEMM_BYTES;
  for (let image = 0; image < batchSize; ++image) {
    trainingKernels(session).windows(from + image * inSize * FLOAT, ...sizesOf(geometry), a);
    const b = by + image * outPixels * outChannels * FLOAT;
    gemm(session, scratch, {...product, depth: outPixels, a, b, add: image > 0});
  }
  return y;
}

function inputGradient(
  session: KernelSession,
  dy: TensorInfo,
  filter: TensorInfo,
  geometry: Geometry,
  inputShape: number[],
): TensorInfo {
  const {batchSize, windowSize, outPixels, outChannels, inSize} = geometry;
  const x = session.backend.makeOutput(inputShape, 'float32');
  const [from, b, to] = [dy, filter, x].map((tensor) => session.addressOf(tensor));
  const scratch = session.scratchOf(GEMM_BYTES + outPixels * windowSize * FLOAT);
  const product = {columns: windowSize, depth: outChannels, b, transposeB: true};
  if (isPointwise(geometry)) {
    gemm(session, scratch, {...product, rows: batchSize * outPixels, a: from, c: to});
    return x;
  }
  const c = scratch + GEMM_BYTES;
  for (let image = 0; image < batchSize; ++image) {
    const a = from + image * outPixels * outChannels * FLOAT;
    gemm(session, scratch, {...product, rows: outPixels, a, c});
    trainingKernels(session).addWindows(c, ...sizesOf(geometry), to + image * inSize * FLOAT);
  }
  return x;
}

/** What `windows` and `addWindows` take. */
function sizesOf(geometry: Geometry): number[] {
  const {inHeight, inWidth, inChannels, filterHeight, filterWidth} = geometry;
  const {strideHeight, strideWidth, padInfo, outHeight, outWidth} = geometry;
  return [
    ...[inHeight, inWidth, inChannels, filterHeight, filterWidth],
    ...[strideHeight, strideWidth, padInfo.top, padInfo.left, outHeight, outWidth],
  ];
}

/** Whether each window is a pixel, and each pixel a window. */
function isPointwise(geometry: Geometry): boolean {
  const {filterHeight, filterWidth, outHeight, outWidth, inHeight, inWidth} = geometry;
  return filterHeight === 1 && filterWidth === 1 && outHeight === inHeight && outWidth === inWidth;
}

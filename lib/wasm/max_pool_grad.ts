import {backend_util, MaxPool3DGrad, MaxPoolGrad} from '@tensorflow/tfjs-core';
import type {
  KernelFunc,
  MaxPool3DGradAttrs,
  MaxPoolGradAttrs,
  TensorInfo,
} from '@tensorflow/tfjs-core';

import type {HeapBackend} from './heap_backend';
import {type Sliding, slidingOf, slidingOfImages} from './windows';

/** The kernels that are put right: they give nothing to windows whose largest is not above 0. */
export const MAX_POOL_GRAD = MaxPoolGrad;
export const MAX_POOL_3D_GRAD = MaxPool3DGrad;

interface Args<Attrs> {
  inputs: {dy: TensorInfo; input: TensorInfo};
  attrs: Attrs;
  backend: HeapBackend;
}

/** The gradient of `maxPool`: that of a window goes to the first of its largest elements. */
export const maxPoolGrad = (({inputs: {dy, input}, attrs, backend}: Args<MaxPoolGradAttrs>) => {
  const {filterSize, strides, pad, dimRoundingMode} = attrs;
  const info = backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const [height, width] = slidingOfImages(info);
  const depth = {begin: 0, size: 1, inSize: 1, stride: 1, filter: 1, count: 1};
  return toLargest(backend, input, dy, [depth, height, width], false);
}) as unknown as KernelFunc;

/** The gradient of `maxPool3d`: to the last of the largest elements, as the cpu backend has it. */
export const maxPool3DGrad = (({inputs: {dy, input}, attrs, backend}: Args<MaxPool3DGradAttrs>) => {
  const {filterSize, strides, pad, dimRoundingMode} = attrs;
  const info = backend_util.computePool3DInfo(
    input.shape as [number, number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  return toLargest(backend, input, dy, slidingOf(info), true);
}) as unknown as KernelFunc;

/** Adds each element of `dy` to the place of the largest element of its window. */
function toLargest(
  backend: HeapBackend,
  input: TensorInfo,
  dy: TensorInfo,
  axes: readonly [Sliding, Sliding, Sliding],
  isLast: boolean,
): TensorInfo {
  // The output first: making it may grow the heap, which detaches earlier views.
  const output = backend.makeOutput(input.shape, 'float32');
  const [x, gradients, dx] = [input, dy, output].map((info) => backend.typedArrayFromHeap(info));
  dx.fill(0);
  const [depth, height, width] = axes;
  const [batch, channels] = [input.shape[0], input.shape[input.shape.length - 1]];
  let at = 0;
  for (let image = 0; image < batch; ++image) {
    for (let d = 0; d < depth.count; ++d) {
      const planes = window(depth, d);
      for (let h = 0; h < height.count; ++h) {
        const rows = window(height, h);
        for (let w = 0; w < width.count; ++w) {
          const columns = window(width, w);
          for (let channel = 0; channel < channels; ++channel) {
            let largest = -Infinity;
            let place = -1;
            for (let plane = planes.from; plane < planes.to; ++plane) {
              for (let row = rows.from; row < rows.to; ++row) {
                const line = ((image * depth.inSize + plane) * height.inSize + row) * width.inSize;
                for (let column = columns.from; column < columns.to; ++column) {
                  const position = (line + column) * channels + channel;
                  const value = x[position];
                  if (value > largest || place < 0 || (isLast && value === largest)) {
                    largest = value;
                    place = position;
                  }
                }
              }
            }
            if (place >= 0) {
              dx[place] += gradients[at];
            }
            ++at;
          }
        }
      }
    }
  }
  return output;
}

/** Where a window begins and ends inside its input. */
function window({begin, stride, filter, inSize}: Sliding, i: number): {from: number; to: number} {
  const start = begin + i * stride;
  return {from: Math.max(0, start), to: Math.min(inSize, start + filter)};
}

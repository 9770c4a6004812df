import {AvgPool3DGrad, AvgPoolGrad, backend_util, mul, tensor, tidy} from '@tensorflow/tfjs-core';
import type {AvgPool3DGradAttrs, AvgPoolGradAttrs, KernelFunc, Tensor} from '@tensorflow/tfjs-core';

import {type Sliding, slidingOf, slidingOfImages} from './windows';

/** The kernels that are put right: at a border they divide by more elements than were averaged. */
export const AVG_POOL_GRAD = AvgPoolGrad;
export const AVG_POOL_3D_GRAD = AvgPool3DGrad;

interface Args<Attrs> {
  inputs: {dy: Tensor; input: Tensor};
  attrs: Attrs;
}

/** The gradient of `avgPool`, of which padding is no part of the mean. */
export const avgPoolGrad = (own: KernelFunc): KernelFunc =>
  ((args: Args<AvgPoolGradAttrs>) => {
    const {filterSize, strides, pad} = args.attrs;
    const shape = args.inputs.input.shape as [number, number, number, number];
    const axes = slidingOfImages(
      backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad),
    );
    return scaled(own, args, axes);
  }) as unknown as KernelFunc;

/** The gradient of `avgPool3d`, likewise. */
export const avgPool3DGrad = (own: KernelFunc): KernelFunc =>
  ((args: Args<AvgPool3DGradAttrs>) => {
    const {filterSize, strides, pad, dimRoundingMode} = args.attrs;
    const shape = args.inputs.input.shape as [number, number, number, number, number];
    const info = backend_util.computePool3DInfo(
      shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    return scaled(own, args, slidingOf(info));
  }) as unknown as KernelFunc;

/** The backend's gradient, of a `dy` that makes up for the number by which it divides. */
function scaled(own: KernelFunc, args: Args<object>, axes: readonly Sliding[]): unknown {
  const run = own as unknown as (given: Args<object>) => unknown;
  const factors = axes.map(shares);
  if (factors.every((along) => along.every((factor) => factor === 1))) {
    return run(args);
  }
  return tidy(() => {
    const {dy} = args.inputs;
    // Along each axis by itself: a window's elements are a product of its sides.
    const corrected = factors.reduce<Tensor>(
      (x, along, axis) => mul(x, tensor(along, sideShape(dy.rank, axis + 1, along.length))),
      dy,
    );
    return run({...args, inputs: {...args.inputs, dy: corrected}}) as Tensor;
  });
}

/** For each window, its size over the number of its elements that are not padding. */
function shares({begin, stride, filter, inSize, count}: Sliding): number[] {
  return Array.from({length: count}, (_, i) => {
    const start = begin + i * stride;
    const inside = Math.min(inSize, start + filter) - Math.max(0, start);
    return inside > 0 ? filter / inside : 1;
  });
}

function sideShape(rank: number, axis: number, size: number): number[] {
  return Array.from({length: rank}, (_, i) => (i === axis ? size : 1));
}

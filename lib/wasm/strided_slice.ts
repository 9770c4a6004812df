import {
  gather,
  range,
  reshape,
  slice_util,
  StridedSlice,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type {StridedSliceAttrs, Tensor} from '@tensorflow/tfjs-core';

import type {Replacement} from '../kernels/override_kernel';

/**
 * The kernel that `stridedSlice` puts right: what it copies, it calls float32, and with an
 * axis that is left out it takes other elements.
 */
export const STRIDED_SLICE = StridedSlice;

/** Every so-many-th element along each axis, of any type. */
export const stridedSlice: Replacement = (own) => (args) => {
  const x = args.inputs.x as Tensor;
  const given = args.attrs as unknown as StridedSliceAttrs;
  const info = slice_util.sliceInfo(
    x.shape,
    given.begin,
    given.end,
    given.strides,
    given.beginMask,
    given.endMask,
    given.ellipsisMask,
    given.newAxisMask,
    given.shrinkAxisMask,
  );
  const {begin, end, strides, finalShapeSparse, finalShape} = info;
  const isRight = x.dtype === 'float32' && finalShapeSparse.length === x.rank;
  if (isRight || info.isIdentity || info.sliceDim0 || info.isSimpleSlice) {
    return own(args);
  }
  const sizes = slice_util.computeOutShape(begin, end, strides);
  return tidy(() => {
    if (finalShape.includes(0)) {
      return tensor([], finalShape, x.dtype);
    }
    const taken = sizes.reduce<Tensor>((some, size, axis) => {
      const [first, stride] = [begin[axis], strides[axis]];
      const places = range(first, first + size * stride, stride, 'int32');
      return gather(some, places, axis);
    }, x);
    return reshape(taken, finalShape);
  });
};

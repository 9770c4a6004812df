import {
  cast,
  Cast,
  type CastAttrs,
  ClipByValue,
  type ClipByValueAttrs,
  image,
  isFinite,
  IsFinite,
  isInf,
  IsInf,
  isNaN,
  IsNan,
  maximum,
  minimum,
  notEqual,
  prelu,
  Prelu,
  ResizeNearestNeighbor,
  type ResizeNearestNeighborAttrs,
  reverse,
  Reverse,
  type ReverseAttrs,
  scalar,
  type Tensor,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';

import type {Replacement} from '../kernels/override_kernel';
import type {KernelArgs} from './partly';

/**
 * Kernels that take elements of some types for those of another, or say that their
 * results are of another. These are computed by types that they are right for.
 */
export const BY_ELEMENT_TYPE: ReadonlyArray<readonly [string, Replacement]> = [
  // It copies the lowest byte: 256 and 0.5 became false, and -1 became 255.
  [
    Cast,
    onlyWhere(
      (x, attrs) => x.dtype !== 'bool' && (attrs as unknown as CastAttrs).dtype === 'bool',
      (x) => notEqual(x, scalar(0, x.dtype)),
    ),
  ],
  [ClipByValue, onlyWhere(isInt, clipInts)],
  // These read the bits of a float: a negative integer was not finite.
  [IsFinite, onlyWhere(isNoFloat, (x) => isFinite(cast(x, 'float32')))],
  [IsInf, onlyWhere(isNoFloat, (x) => isInf(cast(x, 'float32')))],
  [IsNan, onlyWhere(isNoFloat, (x) => isNaN(cast(x, 'float32')))],
  [
    Prelu,
    onlyWhere(
      (x, _, {alpha}) => isNoFloat(x) || isNoFloat(alpha as Tensor),
      (x, _, {alpha}) => prelu(cast(x, 'float32'), cast(alpha as Tensor, 'float32')),
    ),
  ],
  // It calls the pixels of an image of integers float32.
  [ResizeNearestNeighbor, onlyWhere(isNoFloat, resized, 'images')],
  // It writes four bytes an element, beyond the end where an element has one.
  [
    Reverse,
    onlyWhere(
      ({dtype}) => dtype === 'bool',
      (x, attrs) =>
        cast(reverse(cast(x, 'int32'), (attrs as unknown as ReverseAttrs).dims), 'bool'),
    ),
  ],
];

type Attrs = KernelArgs['attrs'];
type Inputs = KernelArgs['inputs'];

/** Computes by `compute` where `isWrong` of the input named `name`, else as tfjs does. */
function onlyWhere(
  isWrong: (x: Tensor, attrs: Attrs, inputs: Inputs) => boolean,
  compute: (x: Tensor, attrs: Attrs, inputs: Inputs) => Tensor,
  name = 'x',
): Replacement {
  return (own) => (args) => {
    const {inputs, attrs} = args;
    const x = inputs[name] as Tensor;
    return isWrong(x, attrs, inputs) ? tidy(() => compute(x, attrs, inputs)) : own(args);
  };
}

function isInt({dtype}: Tensor): boolean {
  return dtype === 'int32';
}

function isNoFloat({dtype}: Tensor): boolean {
  return dtype !== 'float32';
}

/** An integer beyond a bound becomes the bound without its fraction. */
function clipInts(x: Tensor, attrs: Attrs): Tensor {
  const {clipValueMin, clipValueMax} = attrs as unknown as ClipByValueAttrs;
  const [least, most] = [clipValueMin, clipValueMax].map((bound) =>
    scalar(Math.max(-(2 ** 31), Math.min(Math.trunc(bound), 2 ** 31 - 1)), 'int32'),
  );
  return minimum(maximum(x, least), most);
}

function resized(images: Tensor, attrs: Attrs): Tensor {
  const {size, alignCorners, halfPixelCenters} = attrs as unknown as ResizeNearestNeighborAttrs;
  const pixels = cast(images, 'float32') as Tensor4D;
  const {dtype} = images;
  return cast(image.resizeNearestNeighbor(pixels, size, alignCorners, halfPixelCenters), dtype);
}

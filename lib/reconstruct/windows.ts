import {concat, pad, slice, stridedSlice, type Tensor} from '@tensorflow/tfjs-core';

/** How a convolution moves its window; one entry for each spatial axis. */
export interface WindowArgs {
  size: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  /** As tfjs has it, or the numbers of zeros before and after each axis. */
  padding: 'same' | 'valid' | ReadonlyArray<readonly [number, number]>;
}

/**
 * What a convolution sees at each place of its window, channels innermost: of
 * [batch, ...space, channels], [batch, ...places, window · channels], in the
 * order of a kernel [...window, channels, filters].
 *
 * By slices, one for each element of the window, and not by a convolution with
 * an identity, whose kernel would have (window · channels)² elements.
 *
 * @example
 * const x = tf.tensor3d([1, 2, 3], [1, 3, 1]);
 * windowsOf(x, {size: [2], strides: [1], dilations: [1], padding: 'valid'});
 * //=> [[[1, 2], [2, 3]]]
 */
export function windowsOf(x: Tensor, {size, strides, dilations, padding}: WindowArgs): Tensor {
  const axes = size.map((length, i) => {
    const reach = (length - 1) * dilations[i] + 1;
    const [before, after] = padsOf(padding, i, x.shape[i + 1], reach, strides[i]);
    const places = Math.floor((x.shape[i + 1] + before + after - reach) / strides[i]) + 1;
    return {before, after, places};
  });
  const isPadded = axes.some(({before, after}) => before + after > 0);
  const none: [number, number] = [0, 0];
  const pads = axes.map(({before, after}): [number, number] => [before, after]);
  const padded = isPadded ? pad(x, [none, ...pads, none]) : x;
  const [batch, channels] = [x.shape[0], x.shape[x.rank - 1]];
  const parts = positionsIn(size).map((position) => {
    const begin = position.map((offset, i) => offset * dilations[i]);
    const reaches = axes.map(({places}, i) => (places - 1) * strides[i] + 1);
    const first = [0, ...begin, 0];
    return strides.every((stride) => stride === 1)
      ? slice(padded, first, [batch, ...reaches, channels])
      : stridedSlice(
          padded,
          first,
          [batch, ...begin.map((start, i) => start + reaches[i]), channels],
          [1, ...strides, 1],
        );
  });
  return parts.length === 1 ? parts[0] : concat(parts, x.rank - 1);
}

/** All positions in a window, the last axis fastest. */
function positionsIn(size: readonly number[]): number[][] {
  return size.reduce<number[][]>(
    (all, length) => all.flatMap((head) => Array.from({length}, (_, i) => [...head, i])),
    [[]],
  );
}

function padsOf(
  padding: WindowArgs['padding'],
  axis: number,
  length: number,
  reach: number,
  stride: number,
): readonly [number, number] {
  if (typeof padding !== 'string') {
    return padding[axis];
  }
  if (padding === 'valid') {
    return [0, 0];
  }
  const all = Math.max((Math.ceil(length / stride) - 1) * stride + reach - length, 0);
  return [Math.floor(all / 2), Math.ceil(all / 2)];
}

import {transpose4} from './vector';

/**
 * Turns four pixels of `channels` numbers each, at s0 to s3, so that pixels are
 * innermost: channel c goes to the four numbers at `to + c * stride`.
 */
// @ts-ignore: decorator
@inline
export function turnFourPixels(
  s0: usize, s1: usize, s2: usize, s3: usize,
  channels: i32, to: usize, stride: usize,
): void {
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const to2 = to + stride * 2;
    transpose4(s0, s1, s2, s3, to, to + stride, to2, to2 + stride);
    s0 += 16; s1 += 16; s2 += 16; s3 += 16;
    to += stride << 2;
  }
  for (; c < channels; c++) {
    store<f32>(to, load<f32>(s0));
    store<f32>(to, load<f32>(s1), 4);
    store<f32>(to, load<f32>(s2), 8);
    store<f32>(to, load<f32>(s3), 12);
    s0 += 4; s1 += 4; s2 += 4; s3 += 4;
    to += stride;
  }
}

/**
 * Turns `count` pixels, `pixelBytes` apart, to rows of pixels, one a channel and `stride`
 * bytes apart. The last one is repeated until there are `pixels`, a multiple of 4.
 */
export function turnPixels(
  x: usize, pixelBytes: usize, count: i32, pixels: i32, channels: i32, stride: usize, to: usize,
): void {
  const last = count - 1;
  for (let p = 0; p < pixels; p += 4, to += 16) {
    turnFourPixels(
      x + <usize>min(p, last) * pixelBytes, x + <usize>min(p + 1, last) * pixelBytes,
      x + <usize>min(p + 2, last) * pixelBytes, x + <usize>min(p + 3, last) * pixelBytes,
      channels, to, stride,
    );
  }
}

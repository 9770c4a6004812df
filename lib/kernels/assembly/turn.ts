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

/** Turns `count` pixels, `pixelBytes` apart, to rows of pixels, one a channel and `stride` bytes apart. */
export function turnPixels(
  x: usize, pixelBytes: usize, count: i32, channels: i32, stride: usize, to: usize,
): void {
  for (let p = 0; p < count; p += 4) {
    // Behind the last pixel it is repeated; nobody reads what becomes of it.
    const s0 = x + <usize>p * pixelBytes;
    const s1 = p + 1 < count ? s0 + pixelBytes : s0;
    const s2 = p + 2 < count ? s1 + pixelBytes : s1;
    const s3 = p + 3 < count ? s2 + pixelBytes : s2;
    turnFourPixels(s0, s1, s2, s3, channels, to + (<usize>p << 2), stride);
  }
}

/** Turns four rows of `count` pixels back: four channels of each pixel of `y`. */
export function turnBack(rows: usize, stride: usize, y: usize, pixelBytes: usize, count: i32): void {
  let p = 0;
  for (; p + 4 <= count; p += 4) {
    const rows2 = rows + stride * 2, y2 = y + pixelBytes * 2;
    transpose4(
      rows, rows + stride, rows2, rows2 + stride,
      y, y + pixelBytes, y2, y2 + pixelBytes,
    );
    rows += 16;
    y += pixelBytes << 2;
  }
  for (; p < count; p++) {
    store<f32>(y, load<f32>(rows));
    store<f32>(y, load<f32>(rows + stride), 4);
    store<f32>(y, load<f32>(rows + stride * 2), 8);
    store<f32>(y, load<f32>(rows + stride * 3), 12);
    rows += 4;
    y += pixelBytes;
  }
}

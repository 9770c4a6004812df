import {clamp, mulAdd} from './vector';

/** Adds what one column of three pixels gives with one column of weights, from top to bottom. */
// @ts-ignore: decorator
@inline
function column(a: v128, x0: v128, x1: v128, x2: v128, w0: v128, w1: v128, w2: v128): v128 {
  return mulAdd(mulAdd(mulAdd(a, x0, w0), x1, w1), x2, w2);
}

/**
 * Four outputs side by side, for all channels, with stride 1. Columns come before rows: this
 * is the order of XNNPACK, which gives its results to the bit. Each output is stored before
 * the next columns are read, since V8 moves loads up to the last store, and has no registers
 * for all of them.
 */
// @ts-ignore: decorator
@inline
function fourPixels1(
  top: usize, middle: usize, bottom: usize, pixelBytes: usize,
  w: usize, bias: usize, low: v128, high: v128, y: usize,
): void {
  const rowBytes = pixelBytes * 3;
  for (let c: usize = 0; c < pixelBytes; c += 16) {
    // The columns of weights, from left to right.
    let at = w + c;
    const u0 = v128.load(at), u1 = v128.load(at + rowBytes), u2 = v128.load(at + rowBytes * 2);
    at += pixelBytes;
    const v0 = v128.load(at), v1 = v128.load(at + rowBytes), v2 = v128.load(at + rowBytes * 2);
    at += pixelBytes;
    const w0 = v128.load(at), w1 = v128.load(at + rowBytes), w2 = v128.load(at + rowBytes * 2);
    const start = v128.load(bias + c);
    let t = top + c, m = middle + c, b = bottom + c, d = y + c;
    const t0 = v128.load(t), m0 = v128.load(m), b0 = v128.load(b);
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t1 = v128.load(t), m1 = v128.load(m), b1 = v128.load(b);
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t2 = v128.load(t), m2 = v128.load(m), b2 = v128.load(b);
    let sum = column(start, t0, m0, b0, u0, u1, u2);
    sum = column(sum, t1, m1, b1, v0, v1, v2);
    v128.store(d, clamp(column(sum, t2, m2, b2, w0, w1, w2), low, high));
    d += pixelBytes;
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t3 = v128.load(t), m3 = v128.load(m), b3 = v128.load(b);
    sum = column(start, t1, m1, b1, u0, u1, u2);
    sum = column(sum, t2, m2, b2, v0, v1, v2);
    v128.store(d, clamp(column(sum, t3, m3, b3, w0, w1, w2), low, high));
    d += pixelBytes;
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t4 = v128.load(t), m4 = v128.load(m), b4 = v128.load(b);
    sum = column(start, t2, m2, b2, u0, u1, u2);
    sum = column(sum, t3, m3, b3, v0, v1, v2);
    v128.store(d, clamp(column(sum, t4, m4, b4, w0, w1, w2), low, high));
    d += pixelBytes;
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t5 = v128.load(t), m5 = v128.load(m), b5 = v128.load(b);
    sum = column(start, t3, m3, b3, u0, u1, u2);
    sum = column(sum, t4, m4, b4, v0, v1, v2);
    v128.store(d, clamp(column(sum, t5, m5, b5, w0, w1, w2), low, high));
  }
}

/** The same with stride 2. */
// @ts-ignore: decorator
@inline
function fourPixels2(
  top: usize, middle: usize, bottom: usize, pixelBytes: usize,
  w: usize, bias: usize, low: v128, high: v128, y: usize,
): void {
  const rowBytes = pixelBytes * 3;
  for (let c: usize = 0; c < pixelBytes; c += 16) {
    // The columns of weights, from left to right.
    let at = w + c;
    const u0 = v128.load(at), u1 = v128.load(at + rowBytes), u2 = v128.load(at + rowBytes * 2);
    at += pixelBytes;
    const v0 = v128.load(at), v1 = v128.load(at + rowBytes), v2 = v128.load(at + rowBytes * 2);
    at += pixelBytes;
    const w0 = v128.load(at), w1 = v128.load(at + rowBytes), w2 = v128.load(at + rowBytes * 2);
    const start = v128.load(bias + c);
    let t = top + c, m = middle + c, b = bottom + c, d = y + c;
    const t0 = v128.load(t), m0 = v128.load(m), b0 = v128.load(b);
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t1 = v128.load(t), m1 = v128.load(m), b1 = v128.load(b);
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t2 = v128.load(t), m2 = v128.load(m), b2 = v128.load(b);
    let sum = column(start, t0, m0, b0, u0, u1, u2);
    sum = column(sum, t1, m1, b1, v0, v1, v2);
    v128.store(d, clamp(column(sum, t2, m2, b2, w0, w1, w2), low, high));
    d += pixelBytes;
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t3 = v128.load(t), m3 = v128.load(m), b3 = v128.load(b);
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t4 = v128.load(t), m4 = v128.load(m), b4 = v128.load(b);
    sum = column(start, t2, m2, b2, u0, u1, u2);
    sum = column(sum, t3, m3, b3, v0, v1, v2);
    v128.store(d, clamp(column(sum, t4, m4, b4, w0, w1, w2), low, high));
    d += pixelBytes;
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t5 = v128.load(t), m5 = v128.load(m), b5 = v128.load(b);
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t6 = v128.load(t), m6 = v128.load(m), b6 = v128.load(b);
    sum = column(start, t4, m4, b4, u0, u1, u2);
    sum = column(sum, t5, m5, b5, v0, v1, v2);
    v128.store(d, clamp(column(sum, t6, m6, b6, w0, w1, w2), low, high));
    d += pixelBytes;
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t7 = v128.load(t), m7 = v128.load(m), b7 = v128.load(b);
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    const t8 = v128.load(t), m8 = v128.load(m), b8 = v128.load(b);
    sum = column(start, t6, m6, b6, u0, u1, u2);
    sum = column(sum, t7, m7, b7, v0, v1, v2);
    v128.store(d, clamp(column(sum, t8, m8, b8, w0, w1, w2), low, high));
  }
}

/**
 * A depthwise convolution of 3 x 3 of one image [height, width, channels] with one
 * output a channel; channels in fours.
 *
 * @param zeros width * channels zeros, for rows in the padding.
 */
// @ts-ignore: decorator
@inline
function depthwise(
  stride: i32,
  x: usize, height: i32, width: i32, channels: i32, w: usize, bias: usize, limits: usize,
  zeros: usize, top: i32, left: i32, outHeight: i32, outWidth: i32, y: usize,
): void {
  const low = v128.load_splat<f32>(limits), high = v128.load_splat<f32>(limits, 4);
  const pixelBytes: usize = channels << 2, rowBytes = pixelBytes * <usize>width;
  const span = 3 + 3 * stride; // Columns that four outputs read.
  for (let i = 0; i < outHeight; i++) {
    const r = i * stride - top;
    const row0 = r >= 0 && r < height ? x + <usize>r * rowBytes : zeros;
    const row1 = r + 1 >= 0 && r + 1 < height ? x + <usize>(r + 1) * rowBytes : zeros;
    const row2 = r + 2 >= 0 && r + 2 < height ? x + <usize>(r + 2) * rowBytes : zeros;
    for (let j = 0; j < outWidth;) {
      const q = j * stride - left;
      if (j + 4 <= outWidth && q >= 0 && q + span <= width) {
        const at = <usize>q * pixelBytes;
        const r0 = row0 + at, r1 = row1 + at, r2 = row2 + at;
        if (stride === 1) fourPixels1(r0, r1, r2, pixelBytes, w, bias, low, high, y);
        else fourPixels2(r0, r1, r2, pixelBytes, w, bias, low, high, y);
        j += 4;
        y += pixelBytes << 2;
      } else {
        const first = max(0, -q), last = min(3, width - q);
        for (let c: usize = 0; c < pixelBytes; c += 16) {
          let a = v128.load(bias + c);
          for (let k = first; k < last; k++) {
            const at = <usize>(q + k) * pixelBytes + c, wk = w + <usize>k * pixelBytes + c;
            a = column(
              a,
              v128.load(row0 + at), v128.load(row1 + at), v128.load(row2 + at),
              v128.load(wk), v128.load(wk + pixelBytes * 3), v128.load(wk + pixelBytes * 6),
            );
          }
          v128.store(y + c, clamp(a, low, high));
        }
        j++;
        y += pixelBytes;
      }
    }
  }
}

export function depthwise1(
  x: usize, height: i32, width: i32, channels: i32, w: usize, bias: usize, limits: usize,
  zeros: usize, top: i32, left: i32, outHeight: i32, outWidth: i32, y: usize,
): void {
  depthwise(
    1, x, height, width, channels, w, bias, limits, zeros, top, left, outHeight, outWidth, y,
  );
}

export function depthwise2(
  x: usize, height: i32, width: i32, channels: i32, w: usize, bias: usize, limits: usize,
  zeros: usize, top: i32, left: i32, outHeight: i32, outWidth: i32, y: usize,
): void {
  depthwise(
    2, x, height, width, channels, w, bias, limits, zeros, top, left, outHeight, outWidth, y,
  );
}

import {clamp, mulAdd} from './vector';

/** Adds what one column of three pixels gives with one column of weights, from top to bottom. */
// @ts-ignore: decorator
@inline
function column(a: v128, x0: v128, x1: v128, x2: v128, w0: v128, w1: v128, w2: v128): v128 {
  return mulAdd(mulAdd(mulAdd(a, x0, w0), x1, w1), x2, w2);
}

/**
 * Four outputs side by side, for all channels. Columns come before rows: this is the
 * order of XNNPACK, which gives its results to the bit.
 */
// @ts-ignore: decorator
@inline
function fourPixels(
  stride: i32, top: usize, middle: usize, bottom: usize, pixelBytes: usize,
  w: usize, bias: usize, low: v128, high: v128, y: usize,
): void {
  const rowBytes = pixelBytes * 3;
  for (let c: usize = 0; c < pixelBytes; c += 16) {
    const w0 = w + c, w1 = w0 + rowBytes, w2 = w1 + rowBytes;
    const a0 = v128.load(w0), a1 = v128.load(w1), a2 = v128.load(w2);
    const b0 = v128.load(w0 + pixelBytes), b1 = v128.load(w1 + pixelBytes);
    const b2 = v128.load(w2 + pixelBytes);
    const right = pixelBytes * 2;
    const c0 = v128.load(w0 + right), c1 = v128.load(w1 + right), c2 = v128.load(w2 + right);
    let p = v128.load(bias + c), q = p, r = p, s = p;
    let t = top + c, m = middle + c, b = bottom + c;
    let x = v128.load(t), y0 = v128.load(m), z = v128.load(b);
    p = column(p, x, y0, z, a0, a1, a2);
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    x = v128.load(t); y0 = v128.load(m); z = v128.load(b);
    p = column(p, x, y0, z, b0, b1, b2);
    if (stride === 1) q = column(q, x, y0, z, a0, a1, a2);
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    x = v128.load(t); y0 = v128.load(m); z = v128.load(b);
    p = column(p, x, y0, z, c0, c1, c2);
    if (stride === 1) {
      q = column(q, x, y0, z, b0, b1, b2);
      r = column(r, x, y0, z, a0, a1, a2);
    } else {
      q = column(q, x, y0, z, a0, a1, a2);
    }
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    x = v128.load(t); y0 = v128.load(m); z = v128.load(b);
    if (stride === 1) {
      q = column(q, x, y0, z, c0, c1, c2);
      r = column(r, x, y0, z, b0, b1, b2);
      s = column(s, x, y0, z, a0, a1, a2);
    } else {
      q = column(q, x, y0, z, b0, b1, b2);
    }
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    x = v128.load(t); y0 = v128.load(m); z = v128.load(b);
    if (stride === 1) {
      r = column(r, x, y0, z, c0, c1, c2);
      s = column(s, x, y0, z, b0, b1, b2);
    } else {
      q = column(q, x, y0, z, c0, c1, c2);
      r = column(r, x, y0, z, a0, a1, a2);
    }
    t += pixelBytes; m += pixelBytes; b += pixelBytes;
    x = v128.load(t); y0 = v128.load(m); z = v128.load(b);
    if (stride === 1) {
      s = column(s, x, y0, z, c0, c1, c2);
    } else {
      r = column(r, x, y0, z, b0, b1, b2);
      t += pixelBytes; m += pixelBytes; b += pixelBytes;
      x = v128.load(t); y0 = v128.load(m); z = v128.load(b);
      r = column(r, x, y0, z, c0, c1, c2);
      s = column(s, x, y0, z, a0, a1, a2);
      t += pixelBytes; m += pixelBytes; b += pixelBytes;
      x = v128.load(t); y0 = v128.load(m); z = v128.load(b);
      s = column(s, x, y0, z, b0, b1, b2);
      t += pixelBytes; m += pixelBytes; b += pixelBytes;
      x = v128.load(t); y0 = v128.load(m); z = v128.load(b);
      s = column(s, x, y0, z, c0, c1, c2);
    }
    const d = y + c, d2 = d + pixelBytes * 2;
    v128.store(d, clamp(p, low, high));
    v128.store(d + pixelBytes, clamp(q, low, high));
    v128.store(d2, clamp(r, low, high));
    v128.store(d2 + pixelBytes, clamp(s, low, high));
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
        fourPixels(
          stride, row0 + at, row1 + at, row2 + at, pixelBytes,
          w, bias, low, high, y,
        );
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

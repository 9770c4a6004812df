/**
 * Lays the windows of a convolution of one image out as rows: to[outHeight * outWidth]
 * [filterHeight * filterWidth * channels], zeros in the padding.
 */
export function windows(
  x: usize, height: i32, width: i32, channels: i32, filterHeight: i32, filterWidth: i32,
  strideHeight: i32, strideWidth: i32, top: i32, left: i32, outHeight: i32, outWidth: i32,
  to: usize,
): void {
  const pixelBytes: usize = channels << 2, rowBytes = pixelBytes * <usize>filterWidth;
  for (let i = 0; i < outHeight; i++) {
    for (let j = 0; j < outWidth; j++) {
      const q = j * strideWidth - left;
      const first = min(filterWidth, max(0, -q));
      const last = max(first, min(filterWidth, width - q));
      for (let k = 0; k < filterHeight; k++, to += rowBytes) {
        const r = i * strideHeight + k - top;
        if (r < 0 || r >= height) {
          memory.fill(to, 0, rowBytes);
          continue;
        }
        const before = <usize>first * pixelBytes, inside = <usize>(last - first) * pixelBytes;
        if (before) memory.fill(to, 0, before);
        if (inside) {
          memory.copy(to + before, x + <usize>(r * width + q + first) * pixelBytes, inside);
        }
        if (last < filterWidth) memory.fill(to + before + inside, 0, rowBytes - before - inside);
      }
    }
  }
}

/** The reverse: x[height][width][channels] becomes the sum of what the windows have of each pixel. */
export function addWindows(
  from: usize, height: i32, width: i32, channels: i32, filterHeight: i32, filterWidth: i32,
  strideHeight: i32, strideWidth: i32, top: i32, left: i32, outHeight: i32, outWidth: i32,
  x: usize,
): void {
  const pixelBytes: usize = channels << 2;
  memory.fill(x, 0, <usize>(height * width) * pixelBytes);
  for (let i = 0; i < outHeight; i++) {
    for (let j = 0; j < outWidth; j++) {
      const q = j * strideWidth - left;
      const first = min(filterWidth, max(0, -q));
      const last = max(first, min(filterWidth, width - q));
      for (let k = 0; k < filterHeight; k++) {
        const r = i * strideHeight + k - top;
        if (r >= 0 && r < height) {
          let d = x + <usize>(r * width + q + first) * pixelBytes;
          let s = from + <usize>first * pixelBytes;
          const end = from + <usize>last * pixelBytes;
          for (; s + 16 <= end; s += 16, d += 16) {
            v128.store(d, f32x4.add(v128.load(d), v128.load(s)));
          }
          for (; s < end; s += 4, d += 4) store<f32>(d, load<f32>(d) + load<f32>(s));
        }
        from += pixelBytes * <usize>filterWidth;
      }
    }
  }
}

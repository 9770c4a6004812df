/**
 * y = offset + (x - mean) * scale / sqrt(variance + epsilon) for `size` numbers, the
 * channels innermost. As in tfjs the division and the sum are f64. It multiplies by the
 * inverse instead, which gives another last bit to one number in some 100 million.
 *
 * @param scale 0 for none; so is `offset`.
 * @param scratch 2 * channels f64.
 */
export function batchNorm(
  x: usize, size: i32, channels: i32,
  mean: usize, variance: usize, scale: usize, offset: usize, epsilon: f32,
  y: usize, scratch: usize,
): void {
  const offsets = scratch + (<usize>channels << 3);
  for (let c = 0; c < channels; c++) {
    const i: usize = c << 2, d: usize = c << 3;
    store<f64>(scratch + d, 1 / <f64>sqrt<f32>(load<f32>(variance + i) + epsilon));
    store<f64>(offsets + d, offset ? load<f32>(offset + i) : 0);
  }
  const end = x + (<usize>size << 2);
  const all: usize = channels << 2, fours: usize = (channels & ~3) << 2;
  while (x < end) {
    let i: usize = 0;
    for (; i < fours; i += 16) {
      let v = f32x4.sub(v128.load(x + i), v128.load(mean + i));
      if (scale) v = f32x4.mul(v, v128.load(scale + i));
      const by = scratch + i * 2, plus = offsets + i * 2;
      const low = f64x2.promote_low_f32x4(v);
      const high = f64x2.promote_low_f32x4(v128.shuffle<f64>(v, v, 1, 1));
      const low2 = f64x2.add(f64x2.mul(low, v128.load(by)), v128.load(plus));
      const high2 = f64x2.add(f64x2.mul(high, v128.load(by, 16)), v128.load(plus, 16));
      const a = f32x4.demote_f64x2_zero(low2), b = f32x4.demote_f64x2_zero(high2);
      v128.store(y + i, v128.shuffle<f64>(a, b, 0, 2));
    }
    for (; i < all; i += 4) {
      let v = load<f32>(x + i) - load<f32>(mean + i);
      if (scale) v *= load<f32>(scale + i);
      const d = i * 2;
      store<f32>(y + i, <f32>(<f64>v * load<f64>(scratch + d) + load<f64>(offsets + d)));
    }
    x += all;
    y += all;
  }
}

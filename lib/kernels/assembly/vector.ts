/** `acc + a * b`, rounded after the product and after the sum, as XNNPACK does. */
// @ts-ignore: decorator
@inline
export function mulAdd(acc: v128, a: v128, b: v128): v128 {
  return f32x4.add(acc, f32x4.mul(a, b));
}

/** Four numbers brought into [low, high]. */
// @ts-ignore: decorator
@inline
export function clamp(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(high, f32x4.pmax(low, x));
}

/** Transposes 4 x 4 numbers from four rows in memory to four others. */
// @ts-ignore: decorator
@inline
export function transpose4(
  s0: usize, s1: usize, s2: usize, s3: usize,
  d0: usize, d1: usize, d2: usize, d3: usize,
): void {
  const a = v128.load(s0), b = v128.load(s1), c = v128.load(s2), d = v128.load(s3);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(d0, v128.shuffle<f64>(ab0, cd0, 0, 2));
  v128.store(d1, v128.shuffle<f64>(ab0, cd0, 1, 3));
  v128.store(d2, v128.shuffle<f64>(ab1, cd1, 0, 2));
  v128.store(d3, v128.shuffle<f64>(ab1, cd1, 1, 3));
}

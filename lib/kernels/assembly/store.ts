// What is computed for pixels side by side goes to the pixels of the result. Each has a
// place, in bytes behind `y`; four u32 at `places` are those of the pixels of one vector.

/** Stores four outputs of four pixels: a vector for each output. */
// @ts-ignore: decorator
@inline
export function storeFourOutputs(
  a: v128, b: v128, c: v128, d: v128, y: usize, places: usize,
): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(y + load<u32>(places), v128.shuffle<f64>(ab0, cd0, 0, 2));
  v128.store(y + load<u32>(places, 4), v128.shuffle<f64>(ab0, cd0, 1, 3));
  v128.store(y + load<u32>(places, 8), v128.shuffle<f64>(ab1, cd1, 0, 2));
  v128.store(y + load<u32>(places, 12), v128.shuffle<f64>(ab1, cd1, 1, 3));
}

/** Stores two outputs of four pixels. */
// @ts-ignore: decorator
@inline
export function storeTwoOutputs(a: v128, b: v128, y: usize, places: usize): void {
  const low = v128.shuffle<f32>(a, b, 0, 4, 1, 5), high = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  v128.store_lane<u64>(y + load<u32>(places), low, 0);
  v128.store_lane<u64>(y + load<u32>(places, 4), low, 1);
  v128.store_lane<u64>(y + load<u32>(places, 8), high, 0);
  v128.store_lane<u64>(y + load<u32>(places, 12), high, 1);
}

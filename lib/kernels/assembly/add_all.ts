/** y = a + b, for `size` numbers. */
export function addAll(a: usize, b: usize, size: i32, y: usize): void {
  const end = a + (<usize>size << 2);
  for (; a + 32 <= end; a += 32, b += 32, y += 32) {
    v128.store(y, f32x4.add(v128.load(a), v128.load(b)));
    v128.store(y, f32x4.add(v128.load(a, 16), v128.load(b, 16)), 16);
  }
  for (; a < end; a += 4, b += 4, y += 4) store<f32>(y, load<f32>(a) + load<f32>(b));
}

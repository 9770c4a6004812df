/**
 * y[outer][inner] = the sum of x[outer][count][inner] over the middle, in the order of its
 * elements, by `divisor`.
 */
export function sumRows(
  x: usize, outer: i32, count: i32, inner: i32, divisor: f32, y: usize,
): void {
  const rowBytes: usize = inner << 2, by = f32x4.splat(divisor);
  const sixteens: usize = (inner & ~15) << 2, fours: usize = (inner & ~3) << 2;
  for (let o = 0; o < outer; o++) {
    const end = x + rowBytes * <usize>count;
    let i: usize = 0;
    for (; i < sixteens; i += 64) {
      let a = f32x4.splat(0), b = a, c = a, d = a;
      for (let row = x + i; row < end; row += rowBytes) {
        a = f32x4.add(a, v128.load(row));
        b = f32x4.add(b, v128.load(row, 16));
        c = f32x4.add(c, v128.load(row, 32));
        d = f32x4.add(d, v128.load(row, 48));
      }
      v128.store(y + i, f32x4.div(a, by));
      v128.store(y + i, f32x4.div(b, by), 16);
      v128.store(y + i, f32x4.div(c, by), 32);
      v128.store(y + i, f32x4.div(d, by), 48);
    }
    for (; i < fours; i += 16) {
      let a = f32x4.splat(0);
      for (let row = x + i; row < end; row += rowBytes) a = f32x4.add(a, v128.load(row));
      v128.store(y + i, f32x4.div(a, by));
    }
    for (; i < rowBytes; i += 4) {
      let a: f32 = 0;
      for (let row = x + i; row < end; row += rowBytes) a += load<f32>(row);
      store<f32>(y + i, a / divisor);
    }
    x = end;
    y += rowBytes;
  }
}

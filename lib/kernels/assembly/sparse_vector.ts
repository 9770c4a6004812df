import {clamp, mulAdd} from './vector';

/**
 * y[units] = clamp(x * w + bias) for one row of inputs, an entry of a run being {u32
 * offset of the input, f32}. Four sums side by side, added up at the end.
 */
export function vector1(
  x: usize, units: i32, starts: usize, w: usize, bias: usize, limits: usize, y: usize,
): void {
  const low = load<f32>(limits), high = load<f32>(limits, 4);
  let end = w + load<u32>(starts);
  for (let o = 0; o < units; o++) {
    let s = end;
    starts += 4;
    end = w + load<u32>(starts);
    let a: f32 = load<f32>(bias), b: f32 = 0, c: f32 = 0, d: f32 = 0;
    for (; s + 24 < end; s += 32) {
      a += load<f32>(s, 4) * load<f32>(x + load<u32>(s));
      b += load<f32>(s, 12) * load<f32>(x + load<u32>(s, 8));
      c += load<f32>(s, 20) * load<f32>(x + load<u32>(s, 16));
      d += load<f32>(s, 28) * load<f32>(x + load<u32>(s, 24));
    }
    for (; s < end; s += 8) a += load<f32>(s, 4) * load<f32>(x + load<u32>(s));
    store<f32>(y, min(max((a + b) + (c + d), low), high));
    bias += 4;
    y += 4;
  }
}

/** As `vector1`, with four units an entry. */
export function vector4(
  x: usize, units: i32, starts: usize, w: usize, bias: usize, limits: usize, y: usize,
): void {
  const low = v128.load_splat<f32>(limits), high = v128.load_splat<f32>(limits, 4);
  let end = w + load<u32>(starts);
  for (let o = 0; o < units; o += 4) {
    let s = end;
    starts += 4;
    end = w + load<u32>(starts);
    let a = v128.load(bias), b = f32x4.splat(0), c = b, d = b;
    for (; s + 60 < end; s += 80) {
      a = mulAdd(a, v128.load(s, 4), v128.load_splat<f32>(x + load<u32>(s)));
      b = mulAdd(b, v128.load(s, 24), v128.load_splat<f32>(x + load<u32>(s, 20)));
      c = mulAdd(c, v128.load(s, 44), v128.load_splat<f32>(x + load<u32>(s, 40)));
      d = mulAdd(d, v128.load(s, 64), v128.load_splat<f32>(x + load<u32>(s, 60)));
    }
    for (; s < end; s += 20) {
      a = mulAdd(a, v128.load(s, 4), v128.load_splat<f32>(x + load<u32>(s)));
    }
    v128.store(y, clamp(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), low, high));
    bias += 16;
    y += 16;
  }
}

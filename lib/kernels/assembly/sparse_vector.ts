import {clamp, mulAdd} from './vector';

/** Four weights, at 16 bytes of a group, times the four inputs whose offsets stand before them. */
// @ts-ignore: decorator
@inline
function addGroup(sum: v128, x: usize, group: usize): v128 {
  let inputs = v128.load32_zero(x + load<u32>(group));
  inputs = v128.load_lane<f32>(x + load<u32>(group, 4), inputs, 1);
  inputs = v128.load_lane<f32>(x + load<u32>(group, 8), inputs, 2);
  inputs = v128.load_lane<f32>(x + load<u32>(group, 12), inputs, 3);
  return mulAdd(sum, inputs, v128.load(group, 16));
}

/**
 * y[units] = clamp(x * w + bias) for one row of inputs. A run consists of groups {four
 * u32 offsets, four f32}; zeros fill the last one.
 */
export function vector1(
  x: usize, units: i32, starts: usize, w: usize, bias: usize, limits: usize, y: usize,
): void {
  const low = load<f32>(limits), high = load<f32>(limits, 4);
  let end = w + load<u32>(starts);
  for (let o = 0; o < units; o++) {
    let group = end;
    starts += 4;
    end = w + load<u32>(starts);
    let a = f32x4.splat(0), b = a;
    for (; group + 32 < end; group += 64) {
      a = addGroup(a, x, group);
      b = addGroup(b, x, group + 32);
    }
    if (group < end) a = addGroup(a, x, group);
    a = f32x4.add(a, b);
    const left = f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1);
    const right = f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3);
    store<f32>(y, min(max(load<f32>(bias) + (left + right), low), high));
    bias += 4;
    y += 4;
  }
}

/** As `vector1`, with entries {u32 offset, the weights of four units}. */
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

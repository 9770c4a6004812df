import {clamp, mulAdd} from './vector';

// Each function multiplies a run of non-zero weights, from `w` to `end`, with as many
// pixels as its name says. An entry of the run is {u32 offset of the row of pixels,
// one f32}. It starts from the bias and ends between `limits[0]` and `limits[1]`.
// Pixel p of the output goes to `y` + 4 * p.

// @ts-ignore: decorator
@inline
export function oneBy28(
  x: usize, w: usize, end: usize, bias: usize, limits: usize, y: usize,
): void {
  let a0 = v128.load_splat<f32>(bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0;
  for (; w < end; w += 8) {
    const row = x + load<u32>(w);
    const w0 = v128.load_splat<f32>(w, 4);
    const x0 = v128.load(row);
    a0 = mulAdd(a0, w0, x0);
    const x1 = v128.load(row, 16);
    a1 = mulAdd(a1, w0, x1);
    const x2 = v128.load(row, 32);
    a2 = mulAdd(a2, w0, x2);
    const x3 = v128.load(row, 48);
    a3 = mulAdd(a3, w0, x3);
    const x4 = v128.load(row, 64);
    a4 = mulAdd(a4, w0, x4);
    const x5 = v128.load(row, 80);
    a5 = mulAdd(a5, w0, x5);
    const x6 = v128.load(row, 96);
    a6 = mulAdd(a6, w0, x6);
  }
  const low = v128.load_splat<f32>(limits), high = v128.load_splat<f32>(limits, 4);
  v128.store(y, clamp(a0, low, high));
  v128.store(y, clamp(a1, low, high), 16);
  v128.store(y, clamp(a2, low, high), 32);
  v128.store(y, clamp(a3, low, high), 48);
  v128.store(y, clamp(a4, low, high), 64);
  v128.store(y, clamp(a5, low, high), 80);
  v128.store(y, clamp(a6, low, high), 96);
}

// @ts-ignore: decorator
@inline
export function oneBy24(
  x: usize, w: usize, end: usize, bias: usize, limits: usize, y: usize,
): void {
  let a0 = v128.load_splat<f32>(bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  for (; w < end; w += 8) {
    const row = x + load<u32>(w);
    const w0 = v128.load_splat<f32>(w, 4);
    const x0 = v128.load(row);
    a0 = mulAdd(a0, w0, x0);
    const x1 = v128.load(row, 16);
    a1 = mulAdd(a1, w0, x1);
    const x2 = v128.load(row, 32);
    a2 = mulAdd(a2, w0, x2);
    const x3 = v128.load(row, 48);
    a3 = mulAdd(a3, w0, x3);
    const x4 = v128.load(row, 64);
    a4 = mulAdd(a4, w0, x4);
    const x5 = v128.load(row, 80);
    a5 = mulAdd(a5, w0, x5);
  }
  const low = v128.load_splat<f32>(limits), high = v128.load_splat<f32>(limits, 4);
  v128.store(y, clamp(a0, low, high));
  v128.store(y, clamp(a1, low, high), 16);
  v128.store(y, clamp(a2, low, high), 32);
  v128.store(y, clamp(a3, low, high), 48);
  v128.store(y, clamp(a4, low, high), 64);
  v128.store(y, clamp(a5, low, high), 80);
}

// @ts-ignore: decorator
@inline
export function oneBy16(
  x: usize, w: usize, end: usize, bias: usize, limits: usize, y: usize,
): void {
  let a0 = v128.load_splat<f32>(bias), a1 = a0, a2 = a0, a3 = a0;
  for (; w < end; w += 8) {
    const row = x + load<u32>(w);
    const w0 = v128.load_splat<f32>(w, 4);
    const x0 = v128.load(row);
    a0 = mulAdd(a0, w0, x0);
    const x1 = v128.load(row, 16);
    a1 = mulAdd(a1, w0, x1);
    const x2 = v128.load(row, 32);
    a2 = mulAdd(a2, w0, x2);
    const x3 = v128.load(row, 48);
    a3 = mulAdd(a3, w0, x3);
  }
  const low = v128.load_splat<f32>(limits), high = v128.load_splat<f32>(limits, 4);
  v128.store(y, clamp(a0, low, high));
  v128.store(y, clamp(a1, low, high), 16);
  v128.store(y, clamp(a2, low, high), 32);
  v128.store(y, clamp(a3, low, high), 48);
}

// @ts-ignore: decorator
@inline
export function oneBy8(
  x: usize, w: usize, end: usize, bias: usize, limits: usize, y: usize,
): void {
  let a0 = v128.load_splat<f32>(bias), a1 = a0;
  for (; w < end; w += 8) {
    const row = x + load<u32>(w);
    const w0 = v128.load_splat<f32>(w, 4);
    const x0 = v128.load(row);
    a0 = mulAdd(a0, w0, x0);
    const x1 = v128.load(row, 16);
    a1 = mulAdd(a1, w0, x1);
  }
  const low = v128.load_splat<f32>(limits), high = v128.load_splat<f32>(limits, 4);
  v128.store(y, clamp(a0, low, high));
  v128.store(y, clamp(a1, low, high), 16);
}

import {storeTwoOutputs} from './store';
import {clamp, mulAdd} from './vector';

// Each function multiplies a run of non-zero weights, from `w` to `end`, with as many
// pixels as its name says. An entry of the run is {u32 offset of the row of pixels,
// two f32}. It starts from the bias and ends between `limits[0]` and `limits[1]`.
// Both outputs of a pixel go to its place behind `y`.

// @ts-ignore: decorator
@inline
export function twoBy16(
  x: usize, w: usize, end: usize, bias: usize, limits: usize, y: usize, places: usize,
): void {
  let a0 = v128.load_splat<f32>(bias), a1 = a0, a2 = a0, a3 = a0;
  let b0 = v128.load_splat<f32>(bias, 4), b1 = b0, b2 = b0, b3 = b0;
  for (; w < end; w += 12) {
    const row = x + load<u32>(w);
    const w0 = v128.load_splat<f32>(w, 4);
    const w1 = v128.load_splat<f32>(w, 8);
    const x0 = v128.load(row);
    a0 = mulAdd(a0, w0, x0);
    b0 = mulAdd(b0, w1, x0);
    const x1 = v128.load(row, 16);
    a1 = mulAdd(a1, w0, x1);
    b1 = mulAdd(b1, w1, x1);
    const x2 = v128.load(row, 32);
    a2 = mulAdd(a2, w0, x2);
    b2 = mulAdd(b2, w1, x2);
    const x3 = v128.load(row, 48);
    a3 = mulAdd(a3, w0, x3);
    b3 = mulAdd(b3, w1, x3);
  }
  const low = v128.load_splat<f32>(limits), high = v128.load_splat<f32>(limits, 4);
  storeTwoOutputs(clamp(a0, low, high), clamp(b0, low, high), y, places);
  storeTwoOutputs(clamp(a1, low, high), clamp(b1, low, high), y, places + 16);
  storeTwoOutputs(clamp(a2, low, high), clamp(b2, low, high), y, places + 32);
  storeTwoOutputs(clamp(a3, low, high), clamp(b3, low, high), y, places + 48);
}

// @ts-ignore: decorator
@inline
export function twoBy8(
  x: usize, w: usize, end: usize, bias: usize, limits: usize, y: usize, places: usize,
): void {
  let a0 = v128.load_splat<f32>(bias), a1 = a0;
  let b0 = v128.load_splat<f32>(bias, 4), b1 = b0;
  for (; w < end; w += 12) {
    const row = x + load<u32>(w);
    const w0 = v128.load_splat<f32>(w, 4);
    const w1 = v128.load_splat<f32>(w, 8);
    const x0 = v128.load(row);
    a0 = mulAdd(a0, w0, x0);
    b0 = mulAdd(b0, w1, x0);
    const x1 = v128.load(row, 16);
    a1 = mulAdd(a1, w0, x1);
    b1 = mulAdd(b1, w1, x1);
  }
  const low = v128.load_splat<f32>(limits), high = v128.load_splat<f32>(limits, 4);
  storeTwoOutputs(clamp(a0, low, high), clamp(b0, low, high), y, places);
  storeTwoOutputs(clamp(a1, low, high), clamp(b1, low, high), y, places + 16);
}

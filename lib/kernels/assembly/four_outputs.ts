import {storeFourOutputs} from './store';
import {clamp, mulAdd} from './vector';

// Each function multiplies a run of non-zero weights, from `w` to `end`, with as many
// pixels as its name says. An entry of the run is {u32 offset of the row of pixels,
// four f32}. It starts from the bias and ends between `limits[0]` and `limits[1]`.
// The four outputs of a pixel go to its place behind `y`.

// @ts-ignore: decorator
@inline
export function fourBy8(
  x: usize, w: usize, end: usize, bias: usize, limits: usize, y: usize, places: usize,
): void {
  let a0 = v128.load_splat<f32>(bias), a1 = a0;
  let b0 = v128.load_splat<f32>(bias, 4), b1 = b0;
  let c0 = v128.load_splat<f32>(bias, 8), c1 = c0;
  let d0 = v128.load_splat<f32>(bias, 12), d1 = d0;
  for (; w < end; w += 20) {
    const row = x + load<u32>(w);
    const w0 = v128.load_splat<f32>(w, 4);
    const w1 = v128.load_splat<f32>(w, 8);
    const w2 = v128.load_splat<f32>(w, 12);
    const w3 = v128.load_splat<f32>(w, 16);
    const x0 = v128.load(row);
    a0 = mulAdd(a0, w0, x0);
    b0 = mulAdd(b0, w1, x0);
    c0 = mulAdd(c0, w2, x0);
    d0 = mulAdd(d0, w3, x0);
    const x1 = v128.load(row, 16);
    a1 = mulAdd(a1, w0, x1);
    b1 = mulAdd(b1, w1, x1);
    c1 = mulAdd(c1, w2, x1);
    d1 = mulAdd(d1, w3, x1);
  }
  const low = v128.load_splat<f32>(limits), high = v128.load_splat<f32>(limits, 4);
  storeFourOutputs(
    clamp(a0, low, high), clamp(b0, low, high),
    clamp(c0, low, high), clamp(d0, low, high),
    y, places,
  );
  storeFourOutputs(
    clamp(a1, low, high), clamp(b1, low, high),
    clamp(c1, low, high), clamp(d1, low, high),
    y, places + 16,
  );
}

// @ts-ignore: decorator
@inline
export function fourBy4(
  x: usize, w: usize, end: usize, bias: usize, limits: usize, y: usize, places: usize,
): void {
  let a0 = v128.load_splat<f32>(bias);
  let b0 = v128.load_splat<f32>(bias, 4);
  let c0 = v128.load_splat<f32>(bias, 8);
  let d0 = v128.load_splat<f32>(bias, 12);
  for (; w < end; w += 20) {
    const row = x + load<u32>(w);
    const w0 = v128.load_splat<f32>(w, 4);
    const w1 = v128.load_splat<f32>(w, 8);
    const w2 = v128.load_splat<f32>(w, 12);
    const w3 = v128.load_splat<f32>(w, 16);
    const x0 = v128.load(row);
    a0 = mulAdd(a0, w0, x0);
    b0 = mulAdd(b0, w1, x0);
    c0 = mulAdd(c0, w2, x0);
    d0 = mulAdd(d0, w3, x0);
  }
  const low = v128.load_splat<f32>(limits), high = v128.load_splat<f32>(limits, 4);
  storeFourOutputs(
    clamp(a0, low, high), clamp(b0, low, high),
    clamp(c0, low, high), clamp(d0, low, high),
    y, places,
  );
}

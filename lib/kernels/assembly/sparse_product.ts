import {evenTile, multiplyTile, scratchBytes, setPlace, tileFor, unwanted, widestTile} from './tile';
import {turnPixels} from './turn';

/**
 * y[rows, units] = clamp(x[rows, inputs] * w + bias), w sparse. A tile of rows is turned so
 * that rows are innermost, and multiplied.
 *
 * @param outputs How many neighboring ones share an entry of a run: 1, 2 or 4.
 * @param starts Where the run of each block of units starts, in bytes from `w`, and where the last ends.
 * @param w The runs; offsets are input * the widest tile * 4.
 * @param limits Two floats: between these lies the result.
 * @param scratch That of a tile, and inputs * the widest tile floats.
 */
export function product(
  outputs: i32,
  x: usize, rows: i32, inputs: i32, units: i32,
  starts: usize, w: usize, bias: usize, limits: usize, y: usize, scratch: usize,
): void {
  const xBytes: usize = inputs << 2, yBytes: usize = units << 2;
  const stride: usize = widestTile(outputs) << 2, turned = scratch + scratchBytes(units);
  const step = evenTile(outputs, rows);
  for (; rows > 0; rows -= step) {
    const count = min(step, rows), pixels = tileFor(outputs, count);
    for (let i = 0; i < pixels; i++) {
      setPlace(scratch, i, i < count ? <usize>i * yBytes : unwanted(scratch, y));
    }
    turnPixels(x, xBytes, count, pixels, inputs, stride, turned);
    multiplyTile(outputs, pixels, turned, units, starts, w, bias, limits, y, scratch);
    x += <usize>step * xBytes;
    y += <usize>step * yBytes;
  }
}

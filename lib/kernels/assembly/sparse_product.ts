import {rowOfOutputs} from './row_of_outputs';
import {turnBack, turnPixels} from './turn';

/**
 * y[rows, units] = clamp(x[rows, inputs] * w + bias), w sparse. A tile of `tile`
 * rows is turned so that rows are innermost, multiplied, and turned back four
 * units at a time.
 *
 * @param outputs How many neighboring ones share an entry of a run: 1, 2 or 4.
 * @param starts Where the run of each block of units starts, in bytes from `w`, and where the last ends.
 * @param w The runs; offsets are input * tile * 4.
 * @param limits Two floats: between these lies the result.
 * @param scratch (inputs + 4) * tile floats.
 */
export function product(
  outputs: i32,
  x: usize, rows: i32, inputs: i32, units: i32, tile: i32,
  starts: usize, w: usize, bias: usize, limits: usize, y: usize, scratch: usize,
): void {
  const xBytes: usize = inputs << 2, yBytes: usize = units << 2, stride: usize = tile << 2;
  const four = scratch + <usize>inputs * stride;
  for (let p = 0; p < rows; p += tile) {
    const count = min(tile, rows - p), pixels = (count + 3) & ~3;
    const yp = y + <usize>p * yBytes;
    turnPixels(x + <usize>p * xBytes, xBytes, count, inputs, stride, scratch);
    let start = starts, end = w + load<u32>(starts), o = 0;
    for (; o < units; o += outputs) {
      const begin = end;
      start += 4;
      end = w + load<u32>(start);
      const row = four + <usize>(o & 3) * stride;
      rowOfOutputs(
        outputs, pixels, scratch, begin, end,
        bias + (o << 2), limits, row, stride,
      );
      if ((o & 3) === 4 - outputs) {
        turnBack(four, stride, yp + ((o & ~3) << 2), yBytes, count);
      }
    }
    for (let rest = o & ~3; rest < o; rest++) {
      for (let i = 0; i < count; i++) {
        const value = load<f32>(four + <usize>(rest & 3) * stride + (i << 2));
        store<f32>(yp + <usize>i * yBytes + (rest << 2), value);
      }
    }
  }
}

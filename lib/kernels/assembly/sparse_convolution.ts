import {planes} from './planes';
import {evenTile, multiplyTile, scratchBytes, setPlace, tileFor, unwanted} from './tile';

/**
 * Convolves the planes of one image, [height, width] for each filter, to y[height,
 * width, filters]. A row of the planes has `columns` positions, of which the first
 * `width` are outputs; what the others give is dropped.
 *
 * @param outputs How many neighboring ones share an entry of a run: 1, 2 or 4.
 * @param starts Where the run of each block of filters starts, in bytes from `w`, and where the last ends.
 * @param w The runs; an offset is that of the plane, the row and the column of a weight.
 * @param limits Two floats: between these lies the result.
 * @param scratch That of a tile.
 */
function convolvePlanes(
  outputs: i32,
  x: usize, height: i32, width: i32, columns: i32, filters: i32,
  starts: usize, w: usize, bias: usize, limits: usize, y: usize, scratch: usize,
): void {
  const pixelBytes: usize = filters << 2, nowhere = unwanted(scratch, y);
  let left = (height - 1) * columns + width, column = 0;
  let place: usize = 0;
  const step = evenTile(outputs, left);
  for (; left > 0; left -= step, x += <usize>step << 2) {
    const count = min(step, left), pixels = tileFor(outputs, count);
    for (let i = 0; i < pixels; i++) {
      if (column < width && i < count) {
        setPlace(scratch, i, place);
        place += pixelBytes;
      } else {
        setPlace(scratch, i, nowhere);
      }
      if (++column === columns) column = 0;
    }
    multiplyTile(outputs, pixels, x, filters, starts, w, bias, limits, y, scratch);
  }
}

/**
 * y = clamp(x convolved with w + bias), w sparse, for images [height, width, channels] one
 * after the other. Each is laid out as planes first.
 *
 * @param planeBytes From one plane to the next.
 * @param totalBytes Of all planes.
 * @param outputs How many neighboring ones share an entry of a run: 1, 2 or 4.
 * @param starts Where the run of each block of filters starts, in bytes from `w`, and where the last ends.
 * @param w The runs; an offset is that of the plane, the row and the column of a weight.
 * @param limits Two floats: between these lies the result.
 * @param scratch That of a tile, and `totalBytes`.
 */
export function convolution(
  images: i32, x: usize, height: i32, width: i32, channels: i32,
  top: i32, left: i32, strideHeight: i32, strideWidth: i32,
  rowPhases: i32, columnPhases: i32, columns: i32, planeBytes: usize, totalBytes: usize,
  outputs: i32, outHeight: i32, outWidth: i32, filters: i32,
  starts: usize, w: usize, bias: usize, limits: usize, y: usize, scratch: usize,
): void {
  // No image writes where the padding is.
  const padded = scratch + scratchBytes(filters);
  memory.fill(padded, 0, totalBytes);
  for (; images > 0; images--) {
    planes(
      x, height, width, channels, top, left, strideHeight, strideWidth,
      rowPhases, columnPhases, columns, planeBytes, padded,
    );
    convolvePlanes(
      outputs, padded, outHeight, outWidth, columns, filters,
      starts, w, bias, limits, y, scratch,
    );
    x += <usize>(height * width * channels) << 2;
    y += <usize>(outHeight * outWidth * filters) << 2;
  }
}

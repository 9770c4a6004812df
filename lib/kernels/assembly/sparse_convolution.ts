import {planes} from './planes';
import {rowOfOutputs} from './row_of_outputs';

/**
 * Turns four rows of `count` positions back: four channels of each pixel of `y`. A
 * row of the planes has `columns` positions, of which `width` are pixels.
 *
 * @param column That of the first position.
 */
function turnBackPixels(
  rows: usize, stride: usize, y: usize, pixelBytes: usize,
  column: i32, width: i32, columns: i32, count: i32,
): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const a = v128.load(rows), b = v128.load(rows + stride);
    const c = v128.load(rows + stride * 2), d = v128.load(rows + stride * 3);
    const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    if (column < width) {
      v128.store(y, v128.shuffle<f64>(ab0, cd0, 0, 2));
      y += pixelBytes;
    }
    if (++column === columns) column = 0;
    if (column < width) {
      v128.store(y, v128.shuffle<f64>(ab0, cd0, 1, 3));
      y += pixelBytes;
    }
    if (++column === columns) column = 0;
    if (column < width) {
      v128.store(y, v128.shuffle<f64>(ab1, cd1, 0, 2));
      y += pixelBytes;
    }
    if (++column === columns) column = 0;
    if (column < width) {
      v128.store(y, v128.shuffle<f64>(ab1, cd1, 1, 3));
      y += pixelBytes;
    }
    if (++column === columns) column = 0;
    rows += 16;
  }
  for (; i < count; i++, rows += 4) {
    if (column < width) {
      store<f32>(y, load<f32>(rows));
      store<f32>(y, load<f32>(rows + stride), 4);
      store<f32>(y, load<f32>(rows + stride * 2), 8);
      store<f32>(y, load<f32>(rows + stride * 3), 12);
      y += pixelBytes;
    }
    if (++column === columns) column = 0;
  }
}

/**
 * Convolves the planes of one image, [height, width] for each filter, to y[height,
 * width, filters]. A row of the planes has `columns` positions, of which the first
 * `width` are outputs; what the others give is dropped.
 *
 * @param outputs How many neighboring ones share an entry of a run: 1, 2 or 4.
 * @param starts Where the run of each block of filters starts, in bytes from `w`, and where the last ends.
 * @param w The runs; an offset is that of the plane, the row and the column of a weight.
 * @param limits Two floats: between these lies the result.
 * @param four 4 * tile floats.
 */
function convolvePlanes(
  outputs: i32,
  x: usize, height: i32, width: i32, columns: i32, filters: i32, tile: i32,
  starts: usize, w: usize, bias: usize, limits: usize, y: usize, four: usize,
): void {
  const length = (height - 1) * columns + width;
  const stride: usize = tile << 2, pixelBytes: usize = filters << 2;
  for (let p = 0; p < length; p += tile) {
    const count = min(tile, length - p), pixels = (count + 3) & ~3;
    const row = p / columns, first = p % columns;
    const yp = y + <usize>(row * width + min(first, width)) * pixelBytes;
    const pixel = x + (<usize>p << 2);
    let start = starts, end = w + load<u32>(starts), o = 0;
    for (; o < filters; o += outputs) {
      const begin = end;
      start += 4;
      end = w + load<u32>(start);
      const to = four + <usize>(o & 3) * stride;
      rowOfOutputs(
        outputs, pixels, pixel, begin, end,
        bias + (o << 2), limits, to, stride,
      );
      if ((o & 3) === 4 - outputs) {
        turnBackPixels(
          four, stride, yp + ((o & ~3) << 2), pixelBytes,
          first, width, columns, count,
        );
      }
    }
    for (let rest = o & ~3; rest < o; rest++) {
      let from = four + <usize>(rest & 3) * stride, to = yp + (rest << 2), column = first;
      for (let i = 0; i < count; i++, from += 4) {
        if (column < width) {
          store<f32>(to, load<f32>(from));
          to += pixelBytes;
        }
        if (++column === columns) column = 0;
      }
    }
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
 * @param scratch `totalBytes` and 4 * tile floats.
 */
export function convolution(
  images: i32, x: usize, height: i32, width: i32, channels: i32,
  top: i32, left: i32, strideHeight: i32, strideWidth: i32,
  rowPhases: i32, columnPhases: i32, columns: i32, planeBytes: usize, totalBytes: usize,
  outputs: i32, outHeight: i32, outWidth: i32, filters: i32, tile: i32,
  starts: usize, w: usize, bias: usize, limits: usize, y: usize, scratch: usize,
): void {
  // No image writes where the padding is.
  memory.fill(scratch, 0, totalBytes);
  for (; images > 0; images--) {
    planes(
      x, height, width, channels, top, left, strideHeight, strideWidth,
      rowPhases, columnPhases, columns, planeBytes, scratch,
    );
    convolvePlanes(
      outputs, scratch, outHeight, outWidth, columns, filters, tile,
      starts, w, bias, limits, y, scratch + totalBytes,
    );
    x += <usize>(height * width * channels) << 2;
    y += <usize>(outHeight * outWidth * filters) << 2;
  }
}

import {fourBy4, fourBy8} from './four_outputs';
import {oneBy16, oneBy24, oneBy28, oneBy4, oneBy8} from './one_output';
import {twoBy16, twoBy4, twoBy8} from './two_outputs';

/**
 * Multiplies the run of non-zero weights of one block of outputs with `pixels` pixels, a
 * multiple of 4.
 *
 * @param outputs The size of the block: 1, 2 or 4.
 */
export function rowOfOutputs(
  outputs: i32, pixels: i32,
  x: usize, w: usize, end: usize, bias: usize, limits: usize, y: usize, stride: usize,
): void {
  let left = pixels;
  if (outputs === 1) {
    // 24 and 8 are quicker than 28 and 4.
    for (; left >= 28 && left !== 32; left -= 28, x += 112, y += 112) {
      oneBy28(x, w, end, bias, limits, y, stride);
    }
    if (left >= 24) {
      oneBy24(x, w, end, bias, limits, y, stride);
      left -= 24; x += 96; y += 96;
    }
    if (left >= 16) {
      oneBy16(x, w, end, bias, limits, y, stride);
      left -= 16; x += 64; y += 64;
    }
    if (left >= 8) {
      oneBy8(x, w, end, bias, limits, y, stride);
      left -= 8; x += 32; y += 32;
    }
    if (left >= 4) oneBy4(x, w, end, bias, limits, y, stride);
  } else if (outputs === 2) {
    for (; left >= 16; left -= 16, x += 64, y += 64) twoBy16(x, w, end, bias, limits, y, stride);
    if (left >= 8) {
      twoBy8(x, w, end, bias, limits, y, stride);
      left -= 8; x += 32; y += 32;
    }
    if (left >= 4) twoBy4(x, w, end, bias, limits, y, stride);
  } else {
    for (; left >= 8; left -= 8, x += 32, y += 32) fourBy8(x, w, end, bias, limits, y, stride);
    if (left >= 4) fourBy4(x, w, end, bias, limits, y, stride);
  }
}

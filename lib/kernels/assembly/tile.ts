import {fourBy4, fourBy8} from './four_outputs';
import {oneBy16, oneBy24, oneBy28, oneBy8} from './one_output';
import {storeFourOutputs} from './store';
import {twoBy16, twoBy8} from './two_outputs';

// A tile is as many neighboring pixels as meet a weight at once. Its scratch memory:
// the place of each pixel (see `store.ts`), a row of pixels for each of four outputs, and
// room for one pixel's outputs, where those of pixels go that are not wanted.

const PIXELS: usize = 28;
const ROW: usize = PIXELS << 2;
const ROWS: usize = 128;
const UNWANTED: usize = 576;

/** How many pixels the widest tile has, with blocks of so many outputs. */
export function widestTile(outputs: i32): i32 {
  return outputs === 1 ? 28 : outputs === 2 ? 16 : 8;
}

/** The narrowest tile that takes `count` pixels. */
export function tileFor(outputs: i32, count: i32): i32 {
  if (outputs === 4) return count <= 4 ? 4 : 8;
  if (count <= 8) return 8;
  if (count <= 16) return 16;
  return count <= 24 ? 24 : 28;
}

/** How many of `count` pixels go into a tile, so that none is left for a narrow last one. */
export function evenTile(outputs: i32, count: i32): i32 {
  if (outputs > 1) return widestTile(outputs);
  const tiles = (count + 27) / 28;
  return tiles * 16 >= count ? 16 : tiles * 24 >= count ? 24 : 28;
}

/** The bytes of a tile's scratch memory, in whole lines of the cache. */
export function scratchBytes(units: i32): usize {
  return UNWANTED + (((<usize>units << 2) + 79) & ~63);
}

/** Sets the place of a pixel of the tile. */
// @ts-ignore: decorator
@inline
export function setPlace(scratch: usize, pixel: i32, place: usize): void {
  store<u32>(scratch + (<usize>pixel << 2), <u32>place);
}

/** The place of a pixel that is not wanted. */
// @ts-ignore: decorator
@inline
export function unwanted(scratch: usize, y: usize): usize {
  return scratch + UNWANTED - y;
}

/**
 * Multiplies all runs of non-zero weights with the pixels of one tile.
 *
 * @param outputs How many neighboring ones share an entry of a run: 1, 2 or 4.
 * @param pixels The width of the tile.
 * @param x The first pixel; the offsets of entries lead from here.
 * @param units All outputs.
 * @param starts Where the run of each block of outputs starts, in bytes from `w`, and where the last ends.
 */
export function multiplyTile(
  outputs: i32, pixels: i32, x: usize, units: i32,
  starts: usize, w: usize, bias: usize, limits: usize, y: usize, scratch: usize,
): void {
  let end = w + load<u32>(starts), o = 0;
  if (outputs === 4) {
    for (; o < units; o += 4, bias += 16, y += 16) {
      const begin = end;
      starts += 4;
      end = w + load<u32>(starts);
      if (pixels === 8) fourBy8(x, begin, end, bias, limits, y, scratch);
      else fourBy4(x, begin, end, bias, limits, y, scratch);
    }
  } else if (outputs === 2) {
    for (; o < units; o += 2, bias += 8, y += 8) {
      const begin = end;
      starts += 4;
      end = w + load<u32>(starts);
      if (pixels === 16) twoBy16(x, begin, end, bias, limits, y, scratch);
      else twoBy8(x, begin, end, bias, limits, y, scratch);
    }
  } else {
    const rows = scratch + ROWS;
    for (; o < units; o++, bias += 4) {
      const begin = end, row = rows + <usize>(o & 3) * ROW;
      starts += 4;
      end = w + load<u32>(starts);
      if (pixels === 28) oneBy28(x, begin, end, bias, limits, row);
      else if (pixels === 24) oneBy24(x, begin, end, bias, limits, row);
      else if (pixels === 16) oneBy16(x, begin, end, bias, limits, row);
      else oneBy8(x, begin, end, bias, limits, row);
      if ((o & 3) === 3) {
        for (let p: usize = 0; p < <usize>pixels << 2; p += 16) {
          const from = rows + p;
          storeFourOutputs(
            v128.load(from), v128.load(from, ROW), v128.load(from, ROW * 2), v128.load(from, ROW * 3),
            y, scratch + p,
          );
        }
        y += 16;
      }
    }
    for (let rest = 0; rest < (units & 3); rest++, y += 4) {
      const row = rows + <usize>rest * ROW;
      for (let p: usize = 0; p < <usize>pixels << 2; p += 4) {
        store<f32>(y + load<u32>(scratch + p), load<f32>(row + p));
      }
    }
  }
}

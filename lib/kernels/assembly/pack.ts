import {transpose4} from './vector';

/**
 * Packs `count` of at most `side` rows of `depth` floats, `rowBytes` apart, so that the
 * rows are innermost: [depth][side]. Rows that are missing are zeros.
 *
 * @param side 4 or 8.
 */
export function packRows(
  from: usize, rowBytes: usize, count: i32, side: i32, depth: i32, to: usize,
): void {
  const step: usize = side << 2;
  if (count < side) {
    for (let r = 0; r < side; r++) {
      let d = to + (<usize>r << 2), s = from + <usize>r * rowBytes;
      for (let k = 0; k < depth; k++, d += step, s += 4) store<f32>(d, r < count ? load<f32>(s) : 0);
    }
    return;
  }
  for (let r = 0; r < side; r += 4) {
    let s0 = from + <usize>r * rowBytes, s1 = s0 + rowBytes, s2 = s1 + rowBytes, s3 = s2 + rowBytes;
    let d = to + (<usize>r << 2), k = 0;
    for (; k + 4 <= depth; k += 4) {
      const d2 = d + step * 2;
      transpose4(s0, s1, s2, s3, d, d + step, d2, d2 + step);
      s0 += 16; s1 += 16; s2 += 16; s3 += 16;
      d += step << 2;
    }
    for (; k < depth; k++, d += step) {
      store<f32>(d, load<f32>(s0));
      store<f32>(d, load<f32>(s1), 4);
      store<f32>(d, load<f32>(s2), 8);
      store<f32>(d, load<f32>(s3), 12);
      s0 += 4; s1 += 4; s2 += 4; s3 += 4;
    }
  }
}

/** Packs `count` of at most `side` columns of `depth` rows: [depth][side]. */
export function packColumns(
  from: usize, rowBytes: usize, count: i32, side: i32, depth: i32, to: usize,
): void {
  if (count < side) {
    for (let k = 0; k < depth; k++, from += rowBytes) {
      for (let r = 0; r < side; r++, to += 4) {
        store<f32>(to, r < count ? load<f32>(from + (<usize>r << 2)) : 0);
      }
    }
  } else if (side === 8) {
    for (let k = 0; k < depth; k++, from += rowBytes, to += 32) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
  } else {
    for (let k = 0; k < depth; k++, from += rowBytes, to += 16) v128.store(to, v128.load(from));
  }
}

import {packColumns, packRows} from './pack';
import {mulAdd} from './vector';

/** What is packed at once: `DEPTH` of the sum, `ROWS` of the left matrix, `COLUMNS` of the right. */
const DEPTH = 256, ROWS = 64, COLUMNS = 512;

/**
 * c[4][8] = (first ? 0 : c) + a[depth][4] * b[depth][8], rows of c `rowBytes` apart. The
 * additions are in the order of `depth`, as XNNPACK's.
 */
// @ts-ignore: decorator
@inline
function block(a: usize, b: usize, depth: i32, c: usize, rowBytes: usize, first: bool): void {
  const c1 = c + rowBytes, c2 = c1 + rowBytes, c3 = c2 + rowBytes;
  const zero = f32x4.splat(0);
  let l0 = zero, r0 = zero, l1 = zero, r1 = zero, l2 = zero, r2 = zero, l3 = zero, r3 = zero;
  if (!first) {
    l0 = v128.load(c); r0 = v128.load(c, 16);
    l1 = v128.load(c1); r1 = v128.load(c1, 16);
    l2 = v128.load(c2); r2 = v128.load(c2, 16);
    l3 = v128.load(c3); r3 = v128.load(c3, 16);
  }
  for (let end = a + (<usize>depth << 4); a < end; a += 16, b += 32) {
    const left = v128.load(b), right = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a), a1 = v128.load_splat<f32>(a, 4);
    l0 = mulAdd(l0, a0, left); r0 = mulAdd(r0, a0, right);
    l1 = mulAdd(l1, a1, left); r1 = mulAdd(r1, a1, right);
    const a2 = v128.load_splat<f32>(a, 8), a3 = v128.load_splat<f32>(a, 12);
    l2 = mulAdd(l2, a2, left); r2 = mulAdd(r2, a2, right);
    l3 = mulAdd(l3, a3, left); r3 = mulAdd(r3, a3, right);
  }
  v128.store(c, l0); v128.store(c, r0, 16);
  v128.store(c1, l1); v128.store(c1, r1, 16);
  v128.store(c2, l2); v128.store(c2, r2, 16);
  v128.store(c3, l3); v128.store(c3, r3, 16);
}

/** Copies `rows` x `columns` of c[4][8] between two places. */
function copyBlock(
  from: usize, fromBytes: usize, to: usize, toBytes: usize, rows: i32, columns: i32,
): void {
  for (let r = 0; r < rows; r++, from += fromBytes, to += toBytes) {
    memory.copy(to, from, <usize>columns << 2);
  }
}

/**
 * c[rows][columns] = (add ? c : 0) + a * b.
 *
 * @param a [rows][depth], or [depth][rows] if `transposeA`.
 * @param b [depth][columns], or [columns][depth] if `transposeB`.
 * @param scratch DEPTH * (COLUMNS + ROWS) + 32 floats.
 */
export function gemm(
  transposeA: bool, transposeB: bool, rows: i32, columns: i32, depth: i32,
  a: usize, b: usize, c: usize, add: bool, scratch: usize,
): void {
  const packedB = scratch, packedA = packedB + DEPTH * COLUMNS * 4;
  const edge = packedA + ROWS * DEPTH * 4;
  const aBytes: usize = (transposeA ? rows : depth) << 2;
  const bBytes: usize = (transposeB ? depth : columns) << 2, cBytes: usize = columns << 2;
  for (let n0 = 0; n0 < columns; n0 += COLUMNS) {
    const width = min(COLUMNS, columns - n0);
    for (let k0 = 0; k0 < depth; k0 += DEPTH) {
      const deep = min(DEPTH, depth - k0), first = !add && k0 === 0;
      for (let j = 0; j < width; j += 8) {
        const to = packedB + (<usize>(j * deep) << 2), count = min(8, width - j);
        if (transposeB) {
          packRows(b + <usize>(n0 + j) * bBytes + (<usize>k0 << 2), bBytes, count, 8, deep, to);
        } else {
          packColumns(b + <usize>k0 * bBytes + (<usize>(n0 + j) << 2), bBytes, count, 8, deep, to);
        }
      }
      for (let m0 = 0; m0 < rows; m0 += ROWS) {
        const height = min(ROWS, rows - m0);
        for (let i = 0; i < height; i += 4) {
          const to = packedA + (<usize>(i * deep) << 2), count = min(4, height - i);
          if (transposeA) {
            packColumns(a + <usize>k0 * aBytes + (<usize>(m0 + i) << 2), aBytes, count, 4, deep, to);
          } else {
            packRows(a + <usize>(m0 + i) * aBytes + (<usize>k0 << 2), aBytes, count, 4, deep, to);
          }
        }
        for (let j = 0; j < width; j += 8) {
          const right = packedB + (<usize>(j * deep) << 2), n = min(8, width - j);
          for (let i = 0; i < height; i += 4) {
            const left = packedA + (<usize>(i * deep) << 2), m = min(4, height - i);
            const to = c + <usize>(m0 + i) * cBytes + (<usize>(n0 + j) << 2);
            const isWhole = m === 4 && n === 8;
            if (!isWhole && !first) copyBlock(to, cBytes, edge, 32, m, n);
            block(left, right, deep, isWhole ? to : edge, isWhole ? cBytes : 32, first);
            if (!isWhole) copyBlock(edge, 32, to, cBytes, m, n);
          }
        }
      }
    }
  }
}

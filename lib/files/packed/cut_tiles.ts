import type {Tiling, Words} from './tiles';

/** Of each tile 1 where it has a word other than `zero`, or without kinds a bit for each word. */
export function mapOf(words: Words, zero: number, {columns, high, wide, kinds}: Tiling) {
  const across = Math.ceil(columns / wide);
  const map = new Uint8Array(across * Math.ceil(words.length / columns / high));
  for (let i = 0, row = 0; i < words.length; ++row) {
    const line = Math.floor(row / high) * across;
    for (let column = 0; column < columns; ++column, ++i) {
      if (words[i] !== zero) {
        const bit = kinds ? 0 : (row % high) * wide + (column % wide);
        map[line + Math.floor(column / wide)] |= 1 << bit;
      }
    }
  }
  return map;
}

/** The words of each kind of tiles, from 1 on, in the order of the weight: what `placeTiles` takes. */
export function cutTiles<T extends Words>(words: T, map: Uint8Array, tiling: Tiling): T[] {
  const kinds = kindsOf(words.length, map, tiling);
  const counts = new Array<number>((tiling.kinds || 1) + 1).fill(0);
  for (let i = 0; i < kinds.length; ++i) {
    ++counts[kinds[i]];
  }
  const type = words.constructor as new (length: number) => T;
  const parts = counts.map((count, kind) => new type(kind && count));
  counts.fill(0);
  for (let i = 0; i < kinds.length; ++i) {
    const kind = kinds[i];
    if (kind > 0) {
      parts[kind][counts[kind]++] = words[i];
    }
  }
  return parts.slice(1);
}

/** The kind of each word. */
function kindsOf(length: number, map: Uint8Array, {columns, high, wide, kinds}: Tiling) {
  const across = Math.ceil(columns / wide);
  const all = new Uint8Array(length);
  for (let i = 0, row = 0; i < length; ++row) {
    const line = Math.floor(row / high) * across;
    for (let column = 0; column < columns; ++column, ++i) {
      const mark = map[line + Math.floor(column / wide)];
      all[i] = kinds ? mark : (mark >> ((row % high) * wide + (column % wide))) & 1;
    }
  }
  return all;
}

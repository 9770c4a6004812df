import {mapOf} from './cut_tiles';
import type {Tiling, Words} from './tiles';

/** Groups of N:M have at most so many words: a bit of a byte for each. */
const LARGEST_GROUP = 8;
/** Blocks and groups are looked for in so many words of the beginning, the middle and the end. */
const SAMPLE = 8192;
/** Zeros and others change so often at the borders of blocks, of the most at any place. */
const LEAST_CHANGES = 0.25;
/** A group is worth a closer look where it saves so much of the sample. */
const GROUP_PAYS = 0.95;
/** Patterns cost a head. */
const HEAD_BITS = 512;
/** Fewer zeros are no pattern's. */
const LEAST_ZEROS = 1 / 16;

/**
 * The tiles by which the zeros of a weight are likely to take the fewest bits: rows, columns,
 * blocks, groups of N:M. `undefined` where no pattern is seen.
 *
 * @param width Columns of the weight, its last dimension.
 * @param height Its last dimension but one: rows of one place in a convolution's window.
 */
export function zeroPattern(
  words: Words,
  zero: number,
  width: number,
  height: number,
): Tiling | undefined {
  const rows = words.length / width;
  if (rows < 2 || !Number.isInteger(rows)) {
    return undefined;
  }
  const zeros = count(words, zero);
  if (zeros < LEAST_ZEROS * words.length || zeros === words.length) {
    return undefined;
  }
  const candidates: Tiling[] = [];
  const tiles = (columns: number, high: number, wide: number) =>
    candidates.push({columns, high, wide, kinds: 1});
  const empty = emptySides(words, zero, width);
  if (empty.rows && width > 1) {
    tiles(width, 1, width);
  }
  if (empty.columns) {
    tiles(width, rows, 1);
  }
  const {high, wide} = blockOf(words, zero, width);
  if (high * wide > 1 && (high < rows || wide < width)) {
    tiles(width, high, wide);
  }
  const windows = rows / height;
  if (windows > 1 && Number.isInteger(windows)) {
    // Inputs of a convolution, and what one of them gives to one output.
    tiles(height * width, windows, width);
    tiles(height * width, windows, 1);
  }
  for (let size = 2; size <= LARGEST_GROUP; ++size) {
    const groups = [
      {columns: width, high: size, wide: 1, kinds: 0},
      {columns: width, high: 1, wide: size, kinds: 0},
    ].filter((group) => group.high <= height && group.wide <= width);
    candidates.push(...groups.filter((group) => isWorthIt(words, zero, group)));
  }
  let best: Tiling | undefined;
  let least = bits([zeros, words.length - zeros]) - HEAD_BITS;
  for (const tiling of candidates) {
    const cost = costOf(words, zero, tiling);
    if (cost < least) {
      [best, least] = [tiling, cost];
    }
  }
  return best;
}

/** Whether groups save bits in the sample. */
function isWorthIt(words: Words, zero: number, group: Tiling): boolean {
  return samples(words.length / group.columns, group).every(([first, last]) => {
    const sample = words.subarray(first * group.columns, last * group.columns);
    const zeros = count(sample, zero);
    const plain = bits([zeros, sample.length - zeros]);
    return plain === 0 || costOf(sample, zero, group) < GROUP_PAYS * plain;
  });
}

/** Rows to look at, from the first to before the last; they begin with whole groups. */
function samples(rows: number, {columns, high}: Pick<Tiling, 'columns' | 'high'>) {
  const most = high * Math.max(1, Math.floor(SAMPLE / columns / high));
  const firsts = [0, 0.5, 1].map((share) => high * Math.floor((share * (rows - most)) / high));
  return rows <= 3 * most ? [[0, rows]] : firsts.map((first) => [first, first + most]);
}

/** Bits of which words are zero, in tiles. */
function costOf(words: Words, zero: number, tiling: Tiling): number {
  const {columns, high, wide, kinds} = tiling;
  const map = mapOf(words, zero, tiling);
  const counts = new Array<number>(256).fill(0);
  map.forEach((mark) => ++counts[mark]);
  if (!kinds) {
    // And a table of how often there is each.
    return bits(counts) + 8 * 2 ** (high * wide);
  }
  const rows = words.length / columns;
  const across = Math.ceil(columns / wide);
  let inside = 0;
  map.forEach((isFilled, i) => {
    const height = Math.min(high, rows - Math.floor(i / across) * high);
    const width = Math.min(wide, columns - (i % across) * wide);
    inside += isFilled && height * width;
  });
  const others = words.length - count(words, zero);
  return bits(counts) + bits([inside - others, others]);
}

/** Bits of things of kinds that occur so often. */
function bits(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count) => sum + (count && count * Math.log2(total / count)), 0);
}

function count(words: Words, word: number): number {
  let found = 0;
  for (let i = 0; i < words.length; ++i) {
    found += words[i] === word ? 1 : 0;
  }
  return found;
}

/** Whether there are empty rows, and columns. */
function emptySides(words: Words, zero: number, width: number) {
  const filled = new Uint8Array(width);
  let left = width;
  let rows = false;
  for (let first = 0; first < words.length && (left > 0 || !rows); first += width) {
    let isEmpty = true;
    for (let column = 0; column < width && (left > 0 || isEmpty); ++column) {
      if (words[first + column] !== zero) {
        isEmpty = false;
        left -= 1 - filled[column];
        filled[column] = 1;
      }
    }
    rows ||= isEmpty;
  }
  return {rows, columns: left > 0};
}

/** The largest block at whose borders alone zeros begin and end. */
function blockOf(words: Words, zero: number, width: number): {high: number; wide: number} {
  const rows = words.length / width;
  const rowChanges = new Uint32Array(rows);
  const columnChanges = new Uint32Array(width);
  for (const [first, last] of samples(rows, {columns: width, high: 1})) {
    for (let row = first; row < last; ++row) {
      for (let column = 0, i = row * width; column < width; ++column, ++i) {
        const isZero = words[i] === zero;
        if (column > 0 && (words[i - 1] === zero) !== isZero) {
          ++columnChanges[column];
        }
        if (row > 0 && (words[i - width] === zero) !== isZero) {
          ++rowChanges[row];
        }
      }
    }
  }
  return {high: spacing(rowChanges), wide: spacing(columnChanges)};
}

/** The distance of which all places with many changes are multiples. */
function spacing(changes: Uint32Array): number {
  const least = LEAST_CHANGES * changes.reduce((most, count) => Math.max(most, count), 0);
  let distance = 0;
  for (let place = 1; place < changes.length && distance !== 1; ++place) {
    if (changes[place] > least) {
      distance = greatestDivisor(place, distance);
    }
  }
  return distance || changes.length;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

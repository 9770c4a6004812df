import {mapOf} from './cut_tiles';
import type {Tiling, Words} from './tiles';

/** Groups of N:M have at most so many words: a bit of a byte for each. */
const LARGEST_GROUP = 8;
/** Groups are looked for in so many words of the beginning, the middle and the end, blocks in as many all over. */
const SAMPLE = 8192;
/** Zeros and others change so often at the borders of blocks, of the most at any place. */
const LEAST_CHANGES = 0.25;
/** Groups are worth a closer look where they take no more than this share of a sample's bits. */
const GROUPS_PAY = 0.95;
/** Without a doubt a pattern takes no more than this share of the bits that zeros take otherwise. */
const CLEAR = 0.8;
/** Patterns cost a head. */
const HEAD_BITS = 512;
/** Fewer zeros are no pattern's. */
const LEAST_ZEROS = 1 / 16;

/** What the zeros of a weight have in common. */
export interface ZeroPattern {
  tiling: Tiling;
  /** Whether it saves so much that nothing else has to be tried. */
  isClear: boolean;
}

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
): ZeroPattern | undefined {
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
  const plain = bits([zeros, words.length - zeros]);
  candidates.push(...likelyGroups(words, zero, width, height, plain));
  let best: Tiling | undefined;
  let least = plain - HEAD_BITS;
  for (const tiling of candidates) {
    const cost = costOf(words, zero, tiling) + tableBits(tiling);
    if (cost < least) {
      [best, least] = [tiling, cost];
    }
  }
  return best && {tiling: best, isClear: least < CLEAR * plain};
}

/**
 * The groups of N:M, along rows or columns, that take the fewest bits in samples; if any.
 *
 * @param plain Bits that single words take.
 */
function likelyGroups(
  words: Words,
  zero: number,
  width: number,
  height: number,
  plain: number,
): Tiling[] {
  let best: Tiling[] = [];
  let least = GROUPS_PAY;
  for (let size = 2; size <= LARGEST_GROUP; ++size) {
    for (const [high, wide] of [
      [size, 1],
      [1, size],
    ]) {
      const tiling = {columns: width, high, wide, kinds: 0};
      const share = high <= height && wide <= width ? shareOf(words, zero, tiling, plain) : 1;
      if (share < least) {
        [best, least] = [[tiling], share];
      }
    }
  }
  return best;
}

/** The bits that groups take in samples, as a share of what single words would. */
function shareOf(words: Words, zero: number, group: Tiling, plain: number): number {
  const {columns} = group;
  let grouped = 0;
  let single = 0;
  for (const [first, last] of samples(words.length / columns, group)) {
    const sample = words.subarray(first * columns, last * columns);
    const zeros = count(sample, zero);
    grouped += costOf(sample, zero, group);
    single += bits([zeros, sample.length - zeros]);
  }
  return grouped / single + tableBits(group) / plain;
}

/** Bits of how often there is each group. */
function tableBits({high, wide, kinds}: Tiling): number {
  return kinds ? 0 : 8 * 2 ** (high * wide);
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
    return bits(counts);
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
  // Some whole rows, and some whole columns.
  const step = Math.ceil(words.length / (3 * SAMPLE));
  for (let row = 0; row < rows; row += step) {
    for (let column = 1, i = row * width + 1; column < width; ++column, ++i) {
      columnChanges[column] += (words[i] === zero) !== (words[i - 1] === zero) ? 1 : 0;
    }
  }
  for (let row = 1; row < rows; ++row) {
    for (let column = 0, i = row * width; column < width; column += step, i += step) {
      rowChanges[row] += (words[i] === zero) !== (words[i - width] === zero) ? 1 : 0;
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

import {Format} from './format';
import {
  chanceOf,
  contextOf,
  firstShare,
  nextColumn,
  nextContext,
  nextRow,
  type ZeroModel,
} from './zero_model';

/** What is read, aligned: one memory for all chunks, as new memory takes its time. */
let words = new Uint16Array(0);
/** How far it is read, and the states. The loops have all of these at hand, as that takes half the time. */
let position = 0;
let first = 0;
let second = 0;

/**
 * For each slot its symbol (8 bits), its frequency less one (12 bits) and the
 * slot's place among those of its symbol (12 bits).
 *
 * @param frequencies Of the symbols; their sum is 2^12.
 */
export function symbolTable(frequencies: readonly number[]): Int32Array {
  const table = new Int32Array(Format.SLOTS);
  let slot = 0;
  frequencies.forEach((frequency, symbol) => {
    for (let place = 0; place < frequency; ++place) {
      table[slot++] = symbol | ((frequency - 1) << 8) | (place << 20);
    }
  });
  return table;
}

/**
 * Begins with what EntropyEncoder wrote of one chunk: range asymmetric numeral systems
 * (Duda 2013, https://arxiv.org/abs/1311.2540), with a state of 31 bits and words of 16,
 * and a second state for every other symbol: a processor works on both at a time.
 *
 * @param bytes What is read, to its end: at least those of the states.
 */
export function readChunk(bytes: Uint8Array): void {
  if (words.byteLength < bytes.length + 2) {
    // One word more, at which the loops look ahead.
    words = new Uint16Array(bytes.length + 1);
  }
  new Uint8Array(words.buffer).set(bytes);
  first = words[0] | (words[1] << 16);
  second = words[2] | (words[3] << 16);
  position = 4;
}

/**
 * Reads which of the next `count` words are other than zero.
 *
 * @param positions Their positions, by which this many of them come first.
 * @returns How many there are.
 */
export function readZeros(model: ZeroModel, count: number, positions: Uint32Array): number {
  const source = words;
  model.reserve(count);
  const {columns, contexts, width} = model;
  let {row, column} = model;
  let state = first;
  let next = position;
  let found = 0;
  for (let i = 0; i < count; ++i) {
    const density = columns[column];
    const context = contextOf(row, density);
    let share = contexts[context];
    if (share < 0) {
      share = firstShare(row);
    }
    const chance = chanceOf(share);
    const slot = state & (Format.SLOTS - 1);
    const high = state >>> Format.PRECISION;
    if (slot < chance) {
      state = (Math.imul(chance, high) + slot) | 0;
      positions[found++] = i;
      contexts[context] = nextContext(share, 1);
      columns[column] = nextColumn(density, 1);
      row = nextRow(row, 1);
    } else {
      state = (Math.imul(Format.SLOTS - chance, high) + slot - chance) | 0;
      contexts[context] = nextContext(share, 0);
      columns[column] = nextColumn(density, 0);
      row = nextRow(row, 0);
    }
    if (state < Format.FIRST_STATE) {
      state = (state << 16) | source[next++];
    }
    if (++column === width) {
      column = 0;
    }
  }
  model.row = row;
  model.column = column;
  first = state;
  position = next;
  return found;
}

/**
 * Reads `count` symbols, the last of the chunk.
 *
 * @param length Bytes of the chunk.
 * @returns Whether all has been read, and led back to where the writer began.
 */
export function readSymbols(
  table: Int32Array,
  count: number,
  into: Uint8Array,
  length: number,
): boolean {
  const source = words;
  let state = first;
  let other = second;
  let next = position;
  for (let i = 0; i < count; ++i) {
    const entry = table[state & (Format.SLOTS - 1)];
    into[i] = entry;
    const frequency = ((entry >>> 8) & (Format.SLOTS - 1)) + 1;
    const above = (Math.imul(frequency, state >>> Format.PRECISION) + (entry >>> 20)) | 0;
    // Without a branch, which would too often be foretold wrongly.
    const isLow = (above - Format.FIRST_STATE) >> 31;
    state = other;
    other = (above << (isLow & 16)) | (isLow & source[next]);
    next -= isLow;
  }
  return 2 * next === length && state === Format.FIRST_STATE && other === Format.FIRST_STATE;
}

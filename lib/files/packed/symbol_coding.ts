import {Format} from './format';

/**
 * How words that are not zero become symbols of an alphabet of up to 256, and
 * further bits that are written as they are.
 */
export interface SymbolCoding {
  /** Whether a word's highest bit, a float's sign, is moved to its lowest. */
  rotated: boolean;
  /** The lowest bits, but a sign among them: 0 in all words, and left out. */
  cut: number;
  /** The lowest bits of what is left, written as they are. */
  shift: number;
  /** The symbol 0 of the upper bits; symbols count from there. */
  base: number;
  /** All values there are, where they are few: symbols are then their positions. */
  book?: Uint32Array;
  /** How often each symbol occurs. */
  counts: number[];
  /** Bits of all the words, and of what tells the reader how to decode them. */
  cost: number;
}

const SYMBOLS = 256;
/** More low bits than needed make for a smaller table, at a small loss. */
const SHIFTS_TRIED = 5;
const MOST_PLAIN_BITS = 24;

/** The cheapest coding of `words`, unsigned integers of `wordBytes` bytes that are not zero. */
export function chooseCoding(words: Uint32Array, wordBytes: number): SymbolCoding {
  const bits = 8 * wordBytes;
  const cut = wordBytes > 1 ? commonZeroBits(words) : 0;
  const candidates = [byUpperBits(words, bits, cut, false)];
  if (wordBytes > 1) {
    candidates.push(byUpperBits(words, bits, cut, true));
    const book = distinctValues(words);
    if (book !== undefined) {
      candidates.push(byBook(words, book, bits));
    }
  }
  return candidates.reduce((best, next) => (next.cost < best.cost ? next : best));
}

/**
 * What is coded of `word`: without its `cut` lowest bits; if `rotated`, with its highest of
 * `bits` bits as the lowest, the others one higher.
 */
export function coded(word: number, bits: number, cut: number, rotated: boolean): number {
  if (!rotated) {
    return word >>> cut;
  }
  const sign = word >>> (bits - 1);
  return ((((word ^ (sign << (bits - 1))) >>> cut) << 1) | sign) >>> 0;
}

/** How many of the lowest bits are 0 in all of `words`. */
function commonZeroBits(words: Uint32Array): number {
  let all = 0;
  for (let i = 0; i < words.length && !(all & 1); ++i) {
    all |= words[i];
  }
  return all === 0 ? 0 : 31 - Math.clz32(all & -all);
}

function byUpperBits(
  words: Uint32Array,
  bits: number,
  cut: number,
  rotated: boolean,
): SymbolCoding {
  let least = 2 ** 32;
  let most = 0;
  for (let i = 0; i < words.length; ++i) {
    const value = coded(words[i], bits, cut, rotated);
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  let shift = 0;
  while ((most >>> shift) - (least >>> shift) >= SYMBOLS) {
    ++shift;
  }
  let base = least >>> shift;
  let counts = new Array<number>(words.length === 0 ? 0 : (most >>> shift) - base + 1).fill(0);
  for (let i = 0; i < words.length; ++i) {
    ++counts[(coded(words[i], bits, cut, rotated) >>> shift) - base];
  }
  const coding = () => ({
    rotated,
    cut,
    shift,
    base,
    counts,
    cost: symbolCost(counts) + shift * words.length,
  });
  let best = coding();
  for (let i = 0; i < SHIFTS_TRIED && shift < MOST_PLAIN_BITS; ++i) {
    counts = inPairs(counts, base & 1);
    base >>>= 1;
    ++shift;
    const next = coding();
    best = next.cost < best.cost ? next : best;
  }
  return best;
}

/** The counts of symbols that lack the lowest bit; `first` is that of the symbol 0. */
function inPairs(counts: readonly number[], first: number): number[] {
  const pairs = new Array<number>((counts.length + first + 1) >> 1).fill(0);
  counts.forEach((count, symbol) => (pairs[(symbol + first) >> 1] += count));
  return pairs;
}

function byBook(words: Uint32Array, book: Uint32Array, bits: number): SymbolCoding {
  const counts = new Array<number>(book.length).fill(0);
  const symbolOf = bookIndex(book);
  for (let i = 0; i < words.length; ++i) {
    ++counts[symbolOf(words[i])];
  }
  const cost = symbolCost(counts) + bits * book.length;
  return {rotated: false, cut: 0, shift: 0, base: 0, book, counts, cost};
}

/** Finds the positions of words in `book`, of at most 256 words, in constant time. */
export function bookIndex(book: Uint32Array): (word: number) => number {
  const index = new HashedWords();
  book.forEach((word) => index.add(word));
  return (word) => index.add(word);
}

/** The values of `words` in rising order; `undefined` where there are more than 256. */
function distinctValues(words: Uint32Array): Uint32Array | undefined {
  const values = new HashedWords();
  for (let i = 0; i < words.length; ++i) {
    if (values.add(words[i]) === SYMBOLS) {
      return undefined;
    }
  }
  return values.words.slice(0, values.count).sort();
}

/** Words by hash, for up to 257 of them. */
class HashedWords {
  readonly words = new Uint32Array(SYMBOLS + 1);
  count = 0;
  /** The number of the word at each hash, plus one; 0 is free. */
  private readonly slots = new Uint16Array(1024);

  /** The number of `word`, which is added where it's new. */
  add(word: number): number {
    for (let slot = Math.imul(word, 0x9e3779b1) >>> 22; ; slot = (slot + 1) & 1023) {
      const number = this.slots[slot] - 1;
      if (number < 0) {
        this.slots[slot] = this.count + 1;
        this.words[this.count] = word;
        return this.count++;
      }
      if (this.words[number] === word) {
        return number;
      }
    }
  }
}

/** Bits of symbols that occur so often, and of the table of their frequencies. */
function symbolCost(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((bits, count) => {
    const share = count / total;
    // A frequency of 128 of 4096 and above takes two bytes.
    return bits + (share < 1 / 32 ? 8 : 16) - (count && count * Math.log2(share));
  }, 0);
}

/** Frequencies that sum to 2^12, near the counts' shares, and at least 1 for what occurs. */
export function frequenciesOf(counts: readonly number[]): number[] {
  const slots = 1 << Format.PRECISION;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const frequencies = counts.map((count) =>
    count === 0 ? 0 : Math.max(1, Math.round((count / total) * slots)),
  );
  let excess = frequencies.reduce((sum, frequency) => sum + frequency, 0) - slots;
  // Where a frequency is largest a change costs least.
  while (excess !== 0 && total > 0) {
    const largest = frequencies.indexOf(Math.max(...frequencies));
    const change = excess > 0 ? Math.min(excess, frequencies[largest] >> 1) : excess;
    frequencies[largest] -= change;
    excess -= change;
  }
  return frequencies;
}

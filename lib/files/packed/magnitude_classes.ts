import type {Tiling, Words} from './tiles';

/** Each class has tables of its own, which have to pay. */
const LEAST_WORDS = 12_000;
const MOST_KINDS = 8;
/** So far, in doublings, the magnitudes of rows have to be apart: a standard deviation. */
const LEAST_SPREAD = 0.2;
/** And so much more than means of as many words are by chance. */
const LEAST_OF_CHANCE = 2;
/** So many rows, and words of each, are looked at first. */
const GLANCE = 128;

/** Tiles of several kinds. */
export interface Classes {
  tiling: Tiling;
  /** The kind of each tile, from 1 on; 0 for those that are all zero. */
  map: Uint8Array;
}

/**
 * The rows and the columns of a weight in classes of like magnitude, such as the words of an
 * embedding, rare ones and frequent ones: their words take fewer bits apart. None where all are alike.
 */
export function magnitudeClasses(words: Words, zero: number, width: number): Classes[] {
  const rows = words.length / width;
  const kinds = Math.min(MOST_KINDS, Math.floor(words.length / LEAST_WORDS));
  if (kinds < 2 || rows < 2 * kinds || !Number.isInteger(rows)) {
    return [];
  }
  const magnitude = magnitudeOf(words, zero);
  const ways = [
    {tiling: {columns: width, high: 1, wide: width, kinds}, tiles: rows, step: width, inside: 1},
    {tiling: {columns: width, high: rows, wide: 1, kinds}, tiles: width, step: 1, inside: width},
  ];
  return ways.flatMap(({tiling, tiles, step, inside}) => {
    const size = words.length / tiles;
    /** The mean magnitude of each `every`-th tile that isn't empty; and whether they are apart. */
    const look = (every: number, between: number) => {
      const filled: Array<{tile: number; mean: number; chance: number}> = [];
      for (let tile = 0; tile < tiles; tile += every) {
        let [count, sum, squares] = [0, 0, 0];
        for (let k = 0, i = tile * step; k < size; k += between, i += between * inside) {
          if (words[i] !== zero) {
            const each = magnitude(words[i]);
            ++count;
            sum += each;
            squares += each * each;
          }
        }
        const mean = sum / count;
        if (count > 0) {
          filled.push({tile, mean, chance: (squares / count - mean ** 2) / count});
        }
      }
      const average = (values: number[]) =>
        values.reduce((all, value) => all + value, 0) / values.length;
      const mean = average(filled.map((each) => each.mean));
      const variance = average(filled.map((each) => (each.mean - mean) ** 2));
      const chance = average(filled.map((each) => each.chance));
      return {filled, isApart: variance > LEAST_SPREAD ** 2 + LEAST_OF_CHANCE * chance};
    };
    // Most weights have no classes, and are done with by a glance.
    if (!look(Math.ceil(tiles / GLANCE), Math.ceil(size / GLANCE)).isApart) {
      return [];
    }
    const {filled, isApart} = look(1, 1);
    if (!isApart || filled.length < 2 * kinds) {
      return [];
    }
    const map = new Uint8Array(tiles);
    filled.sort((a, b) => a.mean - b.mean);
    filled.forEach(({tile}, rank) => {
      map[tile] = 1 + Math.floor((rank / filled.length) * kinds);
    });
    return [{tiling, map}];
  });
}

/** About the logarithm of a word's distance from zero. */
function magnitudeOf(words: Words, zero: number): (word: number) => number {
  if (words instanceof Uint32Array) {
    // The exponent of a float32, and its mantissa behind the point.
    return (word) => (word & 0x7fffffff) / 2 ** 23;
  }
  if (words instanceof Uint16Array && zero === 0) {
    return (word) => (word & 0x7fff) / 2 ** 10;
  }
  const logarithms = Float64Array.from({length: 65536}, (_, size) => Math.log2(size));
  return (word) => logarithms[Math.abs(word - zero)];
}

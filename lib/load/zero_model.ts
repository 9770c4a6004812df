import {PRECISION} from './format';

/** Bits of a context's chance, and of that of a row or column. */
const FINE = 22;
const COARSE = 16;
/** Of each change a row takes 1/64, a column, seen once a row, 1/16, a context 1/128. */
const ROW_RATE = 6;
const COLUMN_RATE = 4;
const CONTEXT_RATE = 7;
const BUCKETS = 22;

/** A chance of a row or column, by its upper 12 bits → its bucket: two for each doubling. */
const BUCKET = Uint8Array.from({length: 4096}, (_, i) => {
  const chance = 16 * i + 64;
  const octave = 31 - Math.clz32(chance);
  return 2 * (octave - 6) + ((chance >> (octave - 1)) & 1);
});

/**
 * Foretells which words of a matrix are zero. Pruning leaves whole rows and
 * columns nearly empty (pixels at the border, dead units), so the context of a
 * word is how dense its row and its column have been of late. Integers only:
 * writer and reader must come to the same chances.
 */
export class ZeroModel {
  private readonly columns: Uint16Array;
  private readonly contexts = new Int32Array(BUCKETS * BUCKETS).fill(-1);
  private row: number;
  private column = -1;
  private context = 0;

  /**
   * @param width Words in a row.
   * @param density Share of words that are not zero, in 1/65536, below 65536.
   */
  constructor(width: number, density: number) {
    this.columns = new Uint16Array(width).fill(density);
    this.row = density;
  }

  /** The chance that the next word is not zero, in 1/4096, from 1 to 4095. */
  next(): number {
    if (++this.column === this.columns.length) {
      this.column = 0;
    }
    const {row} = this;
    this.context = BUCKET[row >> 4] * BUCKETS + BUCKET[this.columns[this.column] >> 4];
    if (this.contexts[this.context] < 0) {
      this.contexts[this.context] = row << (FINE - COARSE);
    }
    return (this.contexts[this.context] >> (FINE - PRECISION)) | 1;
  }

  /** Tells whether that word was another than zero, as 1 or 0. */
  learn(other: number): void {
    const {contexts, context, columns, column} = this;
    contexts[context] += ((other << FINE) - contexts[context]) >> CONTEXT_RATE;
    this.row += ((other << COARSE) - this.row) >> ROW_RATE;
    columns[column] += ((other << COARSE) - columns[column]) >> COLUMN_RATE;
  }
}

const BUCKETS = 22;

/** A share, by its upper 12 bits of 16 → its bucket: two for each doubling. */
const BUCKET = Uint8Array.from({length: 4096}, (_, i) => {
  const share = 16 * i + 64;
  const octave = 31 - Math.clz32(share);
  return 2 * (octave - 6) + ((share >> (octave - 1)) & 1);
});

/**
 * What foretells which words of a matrix are zero. Pruning leaves whole rows and
 * columns nearly empty (pixels at the border, dead units), so the context of a
 * word is how dense its row and its column have been of late. `nextShare` and
 * `contextOf` say how; all are integers, so that writer and reader agree.
 */
export interface ZeroModel {
  /** Words in a row. */
  readonly width: number;
  /**
   * Share of words other than zero, in 1/65536; at first that of the weight, later of the row.
   */
  row: number;
  /** The same of each column so far. */
  columns: Uint16Array;
  /** And of each context, in 2^-22; below 0 before its first word. */
  readonly contexts: Int32Array;
  /** The column of the next word. */
  column: number;
  /** Has columns for the next words: a damaged file may declare any number of them. */
  reserve(words: number): void;
}

/**
 * A model that has seen no words. A closure, since no minifier shortens the names of fields.
 *
 * @param width Words in a row.
 * @param first Share of words other than zero in the weight, in 1/65536, below 65536.
 */
export function zeroModel(width: number, first: number): ZeroModel {
  const model: ZeroModel = {
    width,
    row: first,
    columns: new Uint16Array(0),
    contexts: new Int32Array(BUCKETS * BUCKETS).fill(-1),
    column: 0,
    reserve: (words) => {
      const {columns} = model;
      const size = Math.min(width, model.column + words);
      if (columns.length < size) {
        model.columns = new Uint16Array(Math.min(width, 2 * size)).fill(first);
        model.columns.set(columns);
      }
    },
  };
  return model;
}

/** The context of a word in a row and a column of these shares. */
export function contextOf(row: number, column: number): number {
  return BUCKETS * BUCKET[row >> 4] + BUCKET[column >> 4];
}

/** The share in a context that has no word yet, from its row's. */
export function firstShare(row: number): number {
  return row << 6;
}

/** The chance of a word other than zero in 1/4096, from 1 to 4095, from its context's share. */
export function chanceOf(share: number): number {
  return (share >> 10) | 1;
}

/** The share in a context after a word that is other than zero, 1, or zero, 0. */
export function nextContext(share: number, other: number): number {
  return share + (((other << 22) - share) >> 7);
}

/** The same for a row. */
export function nextRow(share: number, other: number): number {
  return share + (((other << 16) - share) >> 6);
}

/** And for a column, which a row sees once. */
export function nextColumn(share: number, other: number): number {
  return share + (((other << 16) - share) >> 4);
}

import type {BlockSize, Counts, Matrix} from './matrix';

/**
 * What things cost, in multiplications of tfjs's dense kernel; measured by
 * `npm run bench:sparse`.
 */
const COST = {
  /** Of an entry, for each row of a product or position of a convolution. */
  entry: {1: 1.15, 2: 1.8, 4: 3.4},
  /** Of an entry when there is but one row; dense weights that do not fit the cache are slow. */
  vectorEntry: {cached: {1: 3.3, 4: 6}, large: {1: 2.2, 4: 4.5}},
  /** Of turning a number so that pixels are innermost, or back. */
  turn: 4,
};
/** Weights that fit the cache. */
const MOST_CACHED = 300_000;
/** What must be gained, at the least: near break-even the estimate may be wrong. */
const GAIN = 1.1;

/** The quickest form of a sparse weight for some work; `undefined` where dense is quicker. */
export function chooseBlock(
  matrix: Matrix,
  counts: Counts,
  {rows, positions = rows, read = rows * matrix.inputs, alone = false}: Work,
): BlockSize | undefined {
  const dense = rows * matrix.inputs * matrix.outputs;
  const turned = alone ? 0 : (read + positions * matrix.outputs) * COST.turn;
  const isLarge = matrix.inputs * matrix.outputs > MOST_CACHED;
  const costs: Readonly<Partial<Record<BlockSize, number>>> = alone
    ? COST.vectorEntry[isLarge ? 'large' : 'cached']
    : COST.entry;
  let best: BlockSize | undefined;
  let least = dense / GAIN;
  for (const block of [1, 2, 4] as const) {
    const cost = costs[block];
    if (cost === undefined || matrix.outputs % block !== 0) {
      continue;
    }
    const time = positions * counts[block] * cost + turned;
    if (time < least) {
      [best, least] = [block, time];
    }
  }
  return best;
}

/** What is to be computed from a sparse weight. */
export interface Work {
  /** Rows of a product, or pixels of a convolution's output. */
  readonly rows: number;
  /** The rows that the sparse kernel computes: more, where it drops some. */
  readonly positions?: number;
  /** The numbers that are turned first. */
  readonly read?: number;
  /** Whether rows are multiplied one by one, which needs no turning. */
  readonly alone?: boolean;
}

import type {BlockSize} from './matrix';

const FLOAT = 4;
const LINE = 64;

/** How many pixels, or rows of a product, meet a weight at once, by the size of blocks. */
export const WIDEST_TILE: Readonly<Record<BlockSize, number>> = {1: 28, 2: 16, 4: 8};

/** The most bytes of scratch memory that the kernels take for a tile. */
export function tileBytes(outputs: number): number {
  return 10 * LINE + outputs * FLOAT + LINE;
}

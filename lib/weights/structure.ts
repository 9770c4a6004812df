import {check, checkChoice, checkInteger, checkOptions} from '../base/check';

/**
 * Blocks that are pruned together: tiles of a matrix, or all weights of an input. A
 * weight counts as a matrix of inputs by outputs, whatever the axis order of the kernel.
 * A row is one input of the layer, in one place of a convolution's window (as in im2col),
 * and a column is one output. `Infinity` takes a whole side: `[1, Infinity]` are rows,
 * `[Infinity, 1]` are columns.
 */
export interface BlockStructure {
  /**
   * Rows and columns of a block, at least 1. Blocks at the edges may be smaller, and
   * count by their size, so the sparsity is exact to half a block. `'input'` takes all
   * weights of one input; in a convolution, of an input channel in all places of its
   * window. `'window'` takes all places of the window for one input and one output.
   */
  block: readonly [number, number] | 'input' | 'window';
  /** The score of a block: the mean or the largest of the scores in it. Default: `'avg'`. */
  pooling?: 'avg' | 'max';
}

/**
 * Keeps at most `n` of each `m` consecutive weights, along the inputs of an output or
 * along the outputs of an input (Zhou et al. 2021, https://arxiv.org/abs/2102.04010). The
 * last group may be shorter, and keeps at most `n` too. The inputs are the input channels
 * of a convolution (in each place of its window), the previous units of a recurrent
 * kernel, and the words of an embedding.
 */
export interface NMStructure {
  /** Weights of a group that are kept, from 1 to `m` − 1. */
  n: number;
  /** Neighboring weights in a group, at least 2. */
  m: number;
  /**
   * Whether a group has the weights of one output or of one input. Default: `'inputs'`,
   * along the inputs of one output.
   */
  along?: 'inputs' | 'outputs';
}

/** What is pruned together; without it, single weights. */
export type Structure = BlockStructure | NMStructure;

/** Throws unless `structure` is one. */
export function checkStructure(structure: unknown): asserts structure is Structure {
  const isObject = typeof structure === 'object' && structure !== null && !Array.isArray(structure);
  check(isObject, 'structure', EXPECTED, structure);
  if ('block' in structure) {
    checkOptions('structure', structure, ['block', 'pooling']);
    const {block, pooling = 'avg'} = structure as BlockStructure;
    checkChoice('structure.pooling', pooling, ['avg', 'max']);
    if (block === 'input' || block === 'window') {
      return;
    }
    const isSide = (side: unknown) =>
      side === Infinity || (Number.isInteger(side) && (side as number) >= 1);
    const isPair = Array.isArray(block) && block.length === 2 && block.every(isSide);
    const expected = "[rows, columns] of at least 1, or Infinity; 'input' or 'window'";
    check(isPair, 'structure.block', expected, block);
    return;
  }
  checkOptions('structure', structure, ['n', 'm', 'along']);
  const {n, m, along = 'inputs'} = structure as NMStructure;
  checkChoice('structure.along', along, ['inputs', 'outputs']);
  checkInteger('structure.m', m, 2);
  checkInteger('structure.n', n, 1);
  check(n < m, 'structure.n', `less than m (${m})`, n);
}

const EXPECTED = '{block: [rows, columns], pooling} or {n, m}';

/** The sparsity that an N:M structure has, or `undefined` for another. */
export function sparsityOf(structure: Structure | undefined): number | undefined {
  return structure && 'n' in structure ? 1 - structure.n / structure.m : undefined;
}

/** Throws where `sparsity` is given and not the one that an N:M structure has. */
export function checkPatternSparsity(
  structure: Structure | undefined,
  sparsity: number | undefined,
): void {
  const fixed = sparsityOf(structure);
  check(
    fixed === undefined || sparsity === undefined || Math.abs(sparsity - fixed) < 1e-6,
    'sparsity',
    `${fixed}, which n of m gives`,
    sparsity,
  );
}

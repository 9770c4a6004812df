import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  cast,
  concat,
  div,
  equal,
  expandDims,
  greater,
  less,
  logicalAnd,
  logicalOr,
  max,
  maximum,
  mul,
  onesLike,
  pad,
  range,
  reshape,
  slice,
  split,
  step,
  sub,
  sum,
  tidy,
  tile,
} from '@tensorflow/tfjs-core';

import {check, checkChoice, checkInteger, checkOptions} from '../base/check';
import {sumOf} from '../base/count_zeros';
import {toFloat32} from '../base/float32';
import {swapLastAxes} from '../model/kernel_axes';
import {pruneNMOnHost} from './host_pattern';
import {isHostBackend} from './host_selection';
import {pruneCount} from './prune_count';
import {pruneSmallest} from './threshold';

/**
 * Blocks that are pruned together. A weight is taken as a matrix of inputs by
 * outputs: a row is an input of the layer, in one place of a convolution's
 * window (as of im2col), and a column an output, whatever the order of the
 * kernel's sides. `Infinity` takes a whole side: `[1, Infinity]` are rows,
 * `[Infinity, 1]` columns.
 */
export interface BlockStructure {
  /**
   * Rows and columns of a block, at least 1. Blocks at the edges may be smaller, and
   * count by their size: the sparsity is met to half a block.
   */
  block: readonly [number, number];
  /** A block's score: the mean or the largest of its elements' scores. Default: `'avg'`. */
  pooling?: 'avg' | 'max';
}

/**
 * At most `n` of each `m` weights that follow each other along the inputs of an
 * output are kept (Zhou et al. 2021, https://arxiv.org/abs/2102.04010), and at
 * most `n` of the last group, which may be shorter. The inputs are the input channels of
 * a convolution, in each place of its window, the units before of a recurrent
 * kernel, and the words of an embedding.
 */
export interface NMStructure {
  /** Weights of a group that are left, from 1 to `m`. */
  n: number;
  /** Neighbouring weights in a group. */
  m: number;
}

/** What is pruned together; without it, single weights. */
export type Structure = BlockStructure | NMStructure;

/** Below every score. */
const LOWEST = -3e38;

/** Added to scores that must not be pruned: above any score, and far from overflowing. */
export const PROTECTED = 1e30;

/** Throws unless `structure` is one. */
export function checkStructure(structure: unknown): asserts structure is Structure {
  check(typeof structure === 'object' && structure !== null, 'structure', EXPECTED, structure);
  if ('block' in structure) {
    checkOptions('structure', structure, ['block', 'pooling']);
    const {block, pooling = 'avg'} = structure as BlockStructure;
    check(Array.isArray(block) && block.length === 2, 'structure.block', '[rows, columns]', block);
    block.forEach((side) =>
      check(
        side === Infinity || (Number.isInteger(side) && side >= 1),
        'structure.block',
        'integers of at least 1, or Infinity',
        block,
      ),
    );
    checkChoice('structure.pooling', pooling, ['avg', 'max']);
    return;
  }
  checkOptions('structure', structure, ['n', 'm']);
  const {n, m} = structure as NMStructure;
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

/**
 * The mask that prunes whole blocks, by their scores, until as many elements are
 * zero as is nearest to `pruneCount(elements, sparsity)`: at most half a block is
 * missing or too much. Blocks at the edges count by their size. One block at least
 * is kept.
 *
 * @param scores float32 [...window, inputs, outputs].
 * @param mask The present mask, of the same shape; `null` for none.
 */
export function pruneBlocks(
  scores: Tensor,
  mask: Tensor | null,
  structure: BlockStructure,
  sparsity: number,
): Tensor {
  return tidy(() => {
    const blocks = pooledBlocks(scores, mask, structure);
    return spreadBlocks(pruneLowest([blocks], sparsity)[0], scores, mask, blocks);
  });
}

/**
 * As `pruneBlocks`, of several weights whose blocks are ranked together: all of them
 * together get the sparsity. Each keeps a share of at least `minKeep`.
 */
export function pruneBlocksTogether(
  scores: readonly Tensor[],
  masks: ReadonlyArray<Tensor | null>,
  structure: BlockStructure,
  sparsity: number,
  minKeep: number,
): Tensor[] {
  return tidy(() => {
    const blocks = scores.map((own, i) => pooledBlocks(own, masks[i], structure));
    const kept = pruneLowest(blocks, sparsity, minKeep);
    return blocks.map((own, i) => spreadBlocks(kept[i], scores[i], masks[i], own));
  });
}

/** The blocks of a weight. */
interface Blocks {
  /** Of the weight: rows and columns. */
  readonly total: readonly [number, number];
  /** Rows and columns of a whole block. */
  readonly sides: readonly [number, number];
  /** How many blocks there are along each side. */
  readonly counts: readonly [number, number];
  /** Their scores, [block rows, block columns]. */
  readonly pooled: Tensor;
  /** Which of them the present mask keeps; `null` for all. */
  readonly before: Tensor | null;
  /** How many elements each has. */
  readonly sizes: Tensor;
}

function pooledBlocks(
  scores: Tensor,
  mask: Tensor | null,
  {block, pooling = 'avg'}: BlockStructure,
): Blocks {
  const columns = scores.shape[scores.rank - 1];
  const rows = scores.size / columns;
  const sides = [Math.min(block[0], rows), Math.min(block[1], columns)] as const;
  const counts = [Math.ceil(rows / sides[0]), Math.ceil(columns / sides[1])] as const;
  // [block row, row in it, block column, column in it]
  const inBlocks = (matrix: Tensor, filling: number) =>
    reshape(
      pad(
        reshape(matrix, [rows, columns]),
        [
          [0, counts[0] * sides[0] - rows],
          [0, counts[1] * sides[1] - columns],
        ],
        filling,
      ),
      [counts[0], sides[0], counts[1], sides[1]],
    );
  const within = [1, 3];
  const sizes = blockSizes([rows, columns], sides, counts);
  const pooled =
    pooling === 'max'
      ? max(inBlocks(scores, LOWEST), within)
      : div(sum(inBlocks(scores, 0), within), sizes);
  const before = mask && max(inBlocks(mask, 0), within);
  return {total: [rows, columns], sides, counts, pooled, before, sizes};
}

/** The mask of a weight, of its blocks that are kept. */
function spreadBlocks(
  kept: Tensor,
  scores: Tensor,
  mask: Tensor | null,
  {total, sides, counts}: Blocks,
): Tensor {
  const spread = tile(reshape(kept, [counts[0], 1, counts[1], 1]), [1, sides[0], 1, sides[1]]);
  const matrix = reshape(spread, [counts[0] * sides[0], counts[1] * sides[1]]);
  const after = reshape(slice(matrix, [0, 0], [...total]), scores.shape);
  return mask ? mul(mask, after) : after;
}

/** Which blocks of each weight are kept, where the lowest of all go. */
function pruneLowest(weights: readonly Blocks[], sparsity: number, minKeep = 0): Tensor[] {
  const areas = weights.map(({sides}) => sides[0] * sides[1]);
  const area = Math.max(...areas);
  const blocks = sumOf(weights.map(({pooled}) => pooled.size));
  const elements = sumOf(weights.map(({total}) => total[0] * total[1]));
  const outside = blocks * area - elements;
  let available = elements;
  const pooled = weights.map((weight, i) => {
    const size = weight.total[0] * weight.total[1];
    const least = Math.ceil(minKeep * size);
    available -= least;
    const going = Math.floor((size - least) / areas[i]);
    // What has to stay ranks above everything else.
    return least === 0
      ? weight.pooled
      : add(weight.pooled, mul(pruneSmallest(weight.pooled, weight.before, going), PROTECTED));
  });
  const all = flat(pooled);
  const before = weights.some((weight) => weight.before)
    ? flat(weights.map((weight) => weight.before ?? onesLike(weight.pooled)))
    : null;
  const count = (total: number) =>
    Math.min(pruneCount(total, sparsity), (total * available) / elements);
  const kept =
    outside === 0
      ? pruneSmallest(all, before, count(blocks))
      : pruneBySize(
          all,
          before,
          flat(weights.map(({sizes}) => sizes)),
          area,
          outside + count(elements),
        );
  const parts = split(
    kept,
    pooled.map(({size}) => size),
  );
  return parts.map((part, i) => reshape(part, pooled[i].shape));
}

function flat(tensors: readonly Tensor[]): Tensor {
  return concat(tensors.map((tensor) => reshape(tensor, [-1])));
}

/**
 * As `pruneSmallest`, of blocks that are not all of one size: each counts as many
 * elements as it has. The block at the cut goes if it is the nearer.
 *
 * @param pooled The blocks' scores, [blocks].
 * @param sizes The number of elements in each, of the same shape.
 * @param area That of a whole block.
 * @param count The elements that are zero, those that blocks lack included.
 */
function pruneBySize(
  pooled: Tensor,
  before: Tensor | null,
  sizes: Tensor,
  area: number,
  count: number,
): Tensor {
  // Elements that lie together, block after block: of blocks of one score all of the
  // first goes before any of the next. Those outside the weight are gone already.
  const perBlock = (values: Tensor) => tile(reshape(values, [-1, 1]), [1, area]);
  const isInside = toFloat32(less(reshape(range(0, area), [1, -1]), reshape(sizes, [-1, 1])));
  const alive = before ? mul(isInside, perBlock(before)) : isInside;
  const kept = pruneSmallest(perBlock(pooled), alive, count);
  const share = div(reshape(sum(kept, 1), pooled.shape), sizes);
  const most = step(sub(share, 0.5));
  // Where that leaves none, the last block that still has elements.
  return maximum(most, mul(step(share), sub(1, max(most))));
}

/** The number of elements in each block, [block rows, block columns]. */
function blockSizes(
  total: readonly [number, number],
  sides: readonly [number, number],
  counts: readonly [number, number],
): Tensor {
  const lengths = (axis: 0 | 1) =>
    Array.from({length: counts[axis]}, (_, i) =>
      Math.min(sides[axis], total[axis] - i * sides[axis]),
    );
  const [heights, widths] = [lengths(0), lengths(1)];
  return reshape(
    heights.flatMap((height) => widths.map((width) => height * width)),
    counts as unknown as number[],
  ) as Tensor;
}

/**
 * The mask that keeps the `n` largest scores of each `m` along the inputs; among
 * ties the later ones.
 *
 * @param scores float32 [...window, inputs, outputs].
 * @param mask The present mask, of the same shape; `null` for none.
 */
export function pruneNM(scores: Tensor, mask: Tensor | null, structure: NMStructure): Tensor {
  return isHostBackend()
    ? pruneNMOnHost(scores, mask, structure)
    : pruneNMOnDevice(scores, mask, structure);
}

/** `pruneNM` composed of tfjs operations, for any backend. */
export function pruneNMOnDevice(scores: Tensor, mask: Tensor | null, {n, m}: NMStructure): Tensor {
  return tidy(() => {
    const ranked = mask ? add(mul(scores, mask), mul(add(mask, -1), -LOWEST)) : scores;
    // The input dimension last, so that groups lie together.
    const turned = swapLastAxes(ranked);
    const inputs = scores.shape[scores.rank - 2];
    const groups = Math.ceil(inputs / m);
    const lines = scores.size / inputs;
    const padded = pad(
      reshape(turned, [lines, inputs]),
      [
        [0, 0],
        [0, groups * m - inputs],
      ],
      LOWEST,
    );
    const grouped = reshape(padded, [lines * groups, m]);
    const mine = expandDims(grouped, 2);
    const other = expandDims(grouped, 1);
    const position = range(0, m);
    const isLater = greater(expandDims(position, 0), expandDims(position, 1));
    const ahead = logicalOr(greater(other, mine), logicalAnd(equal(other, mine), isLater));
    const kept = toFloat32(less(sum(cast(ahead, 'int32'), 2), n));
    const line = slice(reshape(kept, [lines, groups * m]), [0, 0], [lines, inputs]);
    const after = swapLastAxes(reshape(line, turned.shape));
    return mask ? mul(mask, after) : after;
  });
}

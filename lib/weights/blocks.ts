import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  div,
  less,
  max,
  maximum,
  mul,
  onesLike,
  pad,
  range,
  reshape,
  slice,
  step,
  sub,
  sum,
  tidy,
  tile,
  transpose,
} from '@tensorflow/tfjs-core';

import {sumOf} from '../base/count_zeros';
import {toFloat32} from '../base/float32';
import {pruneCount} from './prune_count';
import type {BlockStructure} from './structure';
import {LOWEST, pruneSmallest, PROTECTED} from './threshold';
import {apart, flat, flatMasks} from './together';

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
  return pruneBlocksTogether([scores], [mask], structure, sparsity, 0)[0];
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
  /** The order of its axes in rows and columns; `null` for its own. */
  readonly order: number[] | null;
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
  const {order, rows} = layoutOf(scores.shape, block);
  const columns = scores.size / rows;
  const [height, width] = typeof block === 'string' ? [1, columns] : block;
  const sides = [Math.min(height, rows), Math.min(width, columns)] as const;
  const counts = [Math.ceil(rows / sides[0]), Math.ceil(columns / sides[1])] as const;
  // [block row, row in it, block column, column in it]
  const inBlocks = (matrix: Tensor, filling: number) =>
    reshape(
      pad(
        reshape(order ? transpose(matrix, order) : matrix, [rows, columns]),
        [
          [0, counts[0] * sides[0] - rows],
          [0, counts[1] * sides[1] - columns],
        ],
        filling,
      ),
      [counts[0], sides[0], counts[1], sides[1]],
    );
  const within = [1, 3];
  const sizes = sum(inBlocks(onesLike(scores), 0), within);
  const pooled =
    pooling === 'max'
      ? max(inBlocks(scores, LOWEST), within)
      : div(sum(inBlocks(scores, 0), within), sizes);
  const before = mask && max(inBlocks(mask, 0), within);
  return {total: [rows, columns], order, sides, counts, pooled, before, sizes};
}

/** How a weight [...window, inputs, outputs] is laid out in rows and columns. */
function layoutOf(
  shape: readonly number[],
  block: BlockStructure['block'],
): {order: number[] | null; rows: number} {
  const window = [...shape.keys()].slice(0, -2);
  const [input, output] = [window.length, window.length + 1];
  switch (block) {
    case 'input':
      return {order: [input, ...window, output], rows: shape[input]};
    case 'window':
      return {order: [input, output, ...window], rows: shape[input] * shape[output]};
    default:
      return {order: null, rows: shape.slice(0, -1).reduce((all, size) => all * size, 1)};
  }
}

/** The mask of a weight, of its blocks that are kept. */
function spreadBlocks(
  kept: Tensor,
  scores: Tensor,
  mask: Tensor | null,
  {total, order, sides, counts}: Blocks,
): Tensor {
  const spread = tile(reshape(kept, [counts[0], 1, counts[1], 1]), [1, sides[0], 1, sides[1]]);
  const matrix = reshape(spread, [counts[0] * sides[0], counts[1] * sides[1]]);
  const whole = slice(matrix, [0, 0], [...total]);
  const sidesInOrder = order ? order.map((axis) => scores.shape[axis]) : scores.shape;
  const inOrder = reshape(whole, sidesInOrder);
  const after = order
    ? transpose(
        inOrder,
        order.map((_, axis) => order.indexOf(axis)),
      )
    : inOrder;
  return mask ? mul(mask, after) : after;
}

/** Which blocks of each weight are kept, where the lowest of all go. */
function pruneLowest(weights: readonly Blocks[], sparsity: number, minKeep: number): Tensor[] {
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
  const before = flatMasks(
    weights.map((weight) => weight.before),
    pooled,
  );
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
  return apart(kept, pooled);
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

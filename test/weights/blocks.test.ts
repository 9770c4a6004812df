import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {pruneBlocks} from '../../lib/weights/blocks';
import {pruneCount} from '../../lib/weights/prune_count';
import type {BlockStructure} from '../../lib/weights/structure';
import {distinct} from '../setup/models';
import {maskBy, matrixOf, weights} from './patterned';

const blocks =
  (structure: BlockStructure, sparsity: number) => (scores: tf.Tensor, mask: tf.Tensor | null) =>
    pruneBlocks(scores, mask, structure, sparsity);
/** The block of each element, by number, and how many there are. */
function blocksOf(shape: readonly number[], block: readonly [number, number]) {
  const [rows, columns] = matrixOf(shape);
  const across = Math.ceil(columns / Math.min(block[1], columns));
  const down = Math.ceil(rows / Math.min(block[0], rows));
  const index = (i: number, side: number) => (side === Infinity ? 0 : Math.floor(i / side));
  const of = Array.from(
    {length: rows * columns},
    (_, i) => index(Math.floor(i / columns), block[0]) * across + index(i % columns, block[1]),
  );
  return {of, count: down * across};
}

/** By the definition: whole blocks, pruned ones first, then by score, then by position. */
function blocksByDefinition(
  shape: readonly number[],
  scores: readonly number[],
  mask: readonly number[] | null,
  {block, pooling = 'avg'}: BlockStructure & {block: readonly [number, number]},
  sparsity: number,
): number[] {
  const {of, count} = blocksOf(shape, block);
  const members = Array.from({length: count}, (_, b) => [...of.keys()].filter((i) => of[i] === b));
  const pooled = members.map((list) => {
    const own = list.map((i) => scores[i]);
    return pooling === 'max'
      ? Math.max(...own)
      : Math.fround(own.reduce((all, score) => all + score, 0) / own.length);
  });
  const isGone = members.map((list) => mask !== null && list.every((i) => mask[i] === 0));
  const order = members
    .map((_, b) => b)
    .sort((a, b) => Number(isGone[b]) - Number(isGone[a]) || pooled[a] - pooled[b] || a - b);
  // The number of blocks after which the zeros are nearest to those asked for.
  const asked = pruneCount(scores.length, sparsity);
  const zerosAfter = (blocks: number) =>
    order.slice(0, blocks).reduce((all, b) => all + members[b].length, 0);
  let goal = 0;
  while (
    goal < count - 1 &&
    Math.abs(zerosAfter(goal + 1) - asked) <= Math.abs(zerosAfter(goal) - asked)
  ) {
    ++goal;
  }
  const pruned = new Set(order.slice(0, Math.max(goal, isGone.filter(Boolean).length)));
  return of.map((b, i) => (pruned.has(b) || mask?.[i] === 0 ? 0 : 1));
}

const side = fc.oneof(fc.integer({min: 1, max: 7}), fc.constant(Infinity));
const structures = fc.record({
  block: fc.tuple(side, side),
  pooling: fc.constantFrom('avg' as const, 'max' as const),
});
const sparsities = fc.double({min: 0, max: 0.99, noNaN: true});
describe('pruneBlocks', () => {
  // Means 2.5, 4.5; 10, 7.5. Largest 5, 8; 10, 14.
  const scores = [1, 2, 3, 4, 2, 5, 3, 8, 10, 10, 14, 1, 10, 10, 8, 7];

  it.each([
    ['avg', 0.5, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]],
    ['avg', 0.75, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0]],
    ['max', 0.75, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]],
    ['avg', 0, Array(16).fill(1)],
  ] as const)('prunes 2 by 2 blocks by their %s at %p', (pooling, sparsity, mask) => {
    const structure = {block: [2, 2], pooling} as const;
    expect(maskBy(blocks(structure, sparsity), [4, 4], scores)).toEqual(mask);
  });

  it('takes the mean unless told', () => {
    const mask = maskBy(blocks({block: [2, 2]}, 0.75), [4, 4], scores);
    expect(mask).toEqual(maskBy(blocks({block: [2, 2], pooling: 'avg'}, 0.75), [4, 4], scores));
  });

  it('takes the mean of what a ragged block has', () => {
    // Blocks of 2 by 2 in 3 by 3: means 4, 5 / 6, 3, where zeros would make 2.5, 3 and 0.75.
    const ragged = [4, 4, 5, 4, 4, 5, 6, 6, 3];
    expect(maskBy(blocks({block: [2, 2]}, 0.25), [3, 3], ragged)).toEqual([
      1, 1, 1, 1, 1, 1, 1, 1, 0,
    ]);
    expect(maskBy(blocks({block: [2, 2]}, 0.5), [3, 3], ragged)).toEqual([
      0, 0, 1, 0, 0, 1, 1, 1, 0,
    ]);
  });

  it('counts blocks at the edges by their size', () => {
    // 17 outputs in blocks of 4: the last block of each of 10 inputs has 1.
    for (const seed of [1, 2, 3, 4, 5]) {
      const scores = distinct(170, seed).map(Math.abs);
      const found = maskBy(blocks({block: [1, 4]}, 0.5), [10, 17], [...scores]);
      const zeros = found.filter((kept) => kept === 0).length;
      expect(Math.abs(zeros - 85)).toBeLessThanOrEqual(2);
    }
    // By hand: blocks 1 1 1 1 | 2, 4 4 4 4 | 3. Of 10, 5 go with the first two, 6 with three.
    const by = (sparsity: number) =>
      maskBy(blocks({block: [1, 4]}, sparsity), [2, 5], [1, 1, 1, 1, 2, 4, 4, 4, 4, 3]);
    expect(by(0.3)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    expect(by(0.5)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(by(0.6)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 0]);
    expect(by(0.9)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 0]);
  });

  it('takes the largest of what a ragged block has, below zero too', () => {
    expect(maskBy(blocks({block: [1, 2], pooling: 'max'}, 0.5), [1, 3], [-3, -2, -1])).toEqual([
      0, 0, 1,
    ]);
  });

  it('takes whole rows and whole columns by Infinity', () => {
    const three = [1, 9, 1, 2, 2, 2, 1, 3, 4];
    // Rows 11, 6, 8; columns 4, 14, 7.
    expect(maskBy(blocks({block: [1, Infinity]}, 1 / 3), [3, 3], three)).toEqual([
      1, 1, 1, 0, 0, 0, 1, 1, 1,
    ]);
    expect(maskBy(blocks({block: [Infinity, 1]}, 2 / 3), [3, 3], three)).toEqual([
      0, 1, 0, 0, 1, 0, 0, 1, 0,
    ]);
  });

  it('takes a convolution as the matrix of im2col', () => {
    // [1, 2, 2, 2]: rows are the window and the input channels, columns the filters.
    const filters = [1, 5, 1, 5, 1, 5, 1, 6];
    expect(maskBy(blocks({block: [Infinity, 1]}, 0.5), [1, 2, 2, 2], filters)).toEqual([
      0, 1, 0, 1, 0, 1, 0, 1,
    ]);
    const windows = [9, 9, 9, 9, 1, 2, 3, 4];
    expect(maskBy(blocks({block: [2, 2]}, 0.5), [1, 2, 2, 2], windows)).toEqual([
      1, 1, 1, 1, 0, 0, 0, 0,
    ]);
  });

  it('keeps the only block, where it is larger than the kernel', () => {
    expect(maskBy(blocks({block: [16, 16]}, 0.9), [2, 3], [1, 2, 3, 4, 5, 6])).toEqual(
      Array(6).fill(1),
    );
    expect(maskBy(blocks({block: [Infinity, Infinity]}, 0.9), [3, 1], [1, 2, 3])).toEqual([
      1, 1, 1,
    ]);
  });

  it('is single weights with blocks of 1 by 1', () => {
    expect(maskBy(blocks({block: [1, 1]}, 0.5), [2, 2], [3, 1, 2, 4])).toEqual([1, 0, 0, 1]);
  });

  it('leaves masks as they are with a NaN', () => {
    for (const pooling of ['avg', 'max'] as const) {
      expect(maskBy(blocks({block: [1, 2], pooling}, 0.5), [2, 2], [1, 2, NaN, 4])).toEqual([
        1, 1, 1, 1,
      ]);
    }
  });

  it('is the definition, of any shape', () => {
    fc.assert(
      fc.property(weights, structures, sparsities, ({shape, scores, mask}, structure, sparsity) => {
        const found = maskBy(blocks(structure, sparsity), shape, scores, mask);
        expect(found).toEqual(blocksByDefinition(shape, scores, mask, structure, sparsity));
      }),
    );
  });

  it('meets the share to half a block, in whole blocks', () => {
    fc.assert(
      fc.property(weights, structures, sparsities, ({shape, scores}, structure, sparsity) => {
        const {of, count} = blocksOf(shape, structure.block);
        const found = maskBy(blocks(structure, sparsity), shape, scores);
        const kept = new Set(of.filter((_, i) => found[i] === 1));
        const [rows, columns] = matrixOf(shape);
        const area = Math.min(structure.block[0], rows) * Math.min(structure.block[1], columns);
        const missing = pruneCount(of.length, sparsity) - found.filter((each) => each === 0).length;
        expect(kept.size === 1 || missing <= area / 2).toBe(true);
        expect(missing).toBeGreaterThanOrEqual(-area / 2);
        expect(kept.size).toBeGreaterThan(0);
        expect(kept.size).toBeLessThanOrEqual(count);
        of.forEach((b, i) => expect(found[i]).toBe(kept.has(b) ? 1 : 0));
      }),
    );
  });

  it('only prunes on, as the sparsity rises', () => {
    fc.assert(
      fc.property(weights, structures, fc.tuple(sparsities, sparsities), (weight, one, two) => {
        const {shape, scores} = weight;
        const first = maskBy(blocks(one, Math.min(...two)), shape, scores);
        const next = maskBy(blocks(one, Math.max(...two)), shape, [...scores].reverse(), first);
        next.forEach((kept, i) => expect(kept).toBeLessThanOrEqual(first[i]));
      }),
    );
  });
});

it('leaves only the mask behind', () => {
  const scores = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
  const mask = tf.tensor2d([1, 0, 1, 1, 1, 1], [3, 2]);
  const before = tf.memory().numTensors;
  const results = [
    pruneBlocks(scores, mask, {block: [2, 2]}, 0.5),
    pruneBlocks(scores, mask, {block: [2, 2], pooling: 'max'}, 0.5),
  ];
  expect(tf.memory().numTensors).toBe(before + 2);
  tf.dispose([scores, mask, ...results]);
});

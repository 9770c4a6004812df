import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {PruningError} from '../../lib/base/errors';
import {
  checkStructure,
  pruneBlocks,
  pruneNM,
  pruneNMOnDevice,
  sparsityOf,
  type BlockStructure,
  type NMStructure,
} from '../../lib/weights/pattern';
import {pruneCount} from '../../lib/weights/prune_count';
import {distinct} from '../setup/models';

/** The mask that `prune` gives, as numbers. */
function maskBy(
  prune: (scores: tf.Tensor, mask: tf.Tensor | null) => tf.Tensor,
  shape: number[],
  scores: readonly number[],
  mask: readonly number[] | null = null,
): number[] {
  return tf.tidy(() => {
    const before = mask && tf.tensor([...mask], shape, 'float32');
    const result = prune(tf.tensor([...scores], shape, 'float32'), before);
    expect(result.shape).toEqual(shape);
    expect(result.dtype).toBe('float32');
    return [...result.dataSync()];
  });
}

const blocks =
  (structure: BlockStructure, sparsity: number) => (scores: tf.Tensor, mask: tf.Tensor | null) =>
    pruneBlocks(scores, mask, structure, sparsity);
const nm = (structure: NMStructure) => (scores: tf.Tensor, mask: tf.Tensor | null) =>
  pruneNM(scores, mask, structure);

/** The rows and columns of a weight as a matrix. */
function matrixOf(shape: readonly number[]): [number, number] {
  const columns = shape[shape.length - 1];
  return [shape.slice(0, -1).reduce((product, side) => product * side, 1), columns];
}

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
  {block, pooling = 'avg'}: BlockStructure,
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

/** By the definition: the n best of each m, pruned ones last, later ones first among ties. */
function nmByDefinition(
  shape: readonly number[],
  scores: readonly number[],
  mask: readonly number[] | null,
  {n, m}: NMStructure,
): number[] {
  const kept = scores.map(() => 0);
  for (const group of groupsAlongInput(shape, m)) {
    const score = (i: number) => (mask?.[i] === 0 ? -Infinity : scores[i]);
    const best = [...group].sort((a, b) => (score(a) === score(b) ? b - a : score(b) - score(a)));
    best.slice(0, n).forEach((i) => (kept[i] = mask?.[i] ?? 1));
  }
  return kept;
}

/** The positions of each `m` in a row along the last side but one; the last may be fewer. */
function groupsAlongInput(shape: readonly number[], m: number): number[][] {
  const columns = shape[shape.length - 1];
  const inputs = shape[shape.length - 2];
  const [rows] = matrixOf(shape);
  const groups: number[][] = [];
  for (let window = 0; window < rows / inputs; ++window) {
    for (let column = 0; column < columns; ++column) {
      for (let first = 0; first < inputs; first += m) {
        const length = Math.min(m, inputs - first);
        groups.push(
          Array.from({length}, (_, i) => (window * inputs + first + i) * columns + column),
        );
      }
    }
  }
  return groups;
}

/** A shape of rank 2 to 4, scores with ties, and a mask or none. */
const weights = fc
  .array(fc.integer({min: 1, max: 5}), {minLength: 2, maxLength: 4})
  .chain((shape) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const list = <T>(each: fc.Arbitrary<T>) => fc.array(each, {minLength: size, maxLength: size});
    return fc.record({
      shape: fc.constant(shape),
      scores: list(fc.integer({min: -6, max: 6})),
      mask: fc.option(list(fc.constantFrom(0, 1, 1))),
    });
  });
const side = fc.oneof(fc.integer({min: 1, max: 7}), fc.constant(Infinity));
const structures = fc.record({
  block: fc.tuple(side, side),
  pooling: fc.constantFrom('avg' as const, 'max' as const),
});
const sparsities = fc.double({min: 0, max: 0.99, noNaN: true});
const nms = fc
  .integer({min: 2, max: 6})
  .chain((m) => fc.record({n: fc.integer({min: 1, max: m - 1}), m: fc.constant(m)}));

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

describe('pruneNM', () => {
  it('keeps 2 of each 4 along the inputs of a dense kernel', () => {
    // Columns 1 4 2 3 and 8 5 6 7, of four inputs.
    expect(maskBy(nm({n: 2, m: 4}), [4, 2], [1, 8, 4, 5, 2, 6, 3, 7])).toEqual([
      0, 1, 1, 0, 0, 0, 1, 1,
    ]);
  });

  it('keeps as many of a ragged last group, and later ones among ties', () => {
    expect(maskBy(nm({n: 2, m: 4}), [7, 1], [5, 1, 6, 2, 3, 1, 2])).toEqual([1, 0, 1, 0, 1, 0, 1]);
    expect(maskBy(nm({n: 2, m: 4}), [5, 1], [1, 1, 1, 1, 0])).toEqual([0, 0, 1, 1, 1]);
  });

  it('goes along the input channels of a convolution, in each place of the window', () => {
    // [1, 2, 2, 1]: two places, two channels each.
    expect(maskBy(nm({n: 1, m: 2}), [1, 2, 2, 1], [1, 2, 4, 3])).toEqual([0, 1, 1, 0]);
    // [1, 1, 2, 2]: channels 1 2 and 4 3, filters in the columns.
    expect(maskBy(nm({n: 1, m: 2}), [1, 1, 2, 2], [1, 4, 2, 3])).toEqual([0, 1, 1, 0]);
  });

  it('keeps no pruned weight in place of another', () => {
    expect(maskBy(nm({n: 2, m: 4}), [4, 1], [9, 8, 1, 2], [0, 0, 1, 1])).toEqual([0, 0, 1, 1]);
    expect(maskBy(nm({n: 2, m: 4}), [4, 1], [9, 8, -1, -2], [0, 1, 1, 1])).toEqual([0, 1, 1, 0]);
  });

  it('is the definition, of any shape', () => {
    fc.assert(
      fc.property(weights, nms, ({shape, scores, mask}, structure) => {
        const found = maskBy(nm(structure), shape, scores, mask);
        expect(found).toEqual(nmByDefinition(shape, scores, mask, structure));
        const composed = (given: tf.Tensor, before: tf.Tensor | null) =>
          pruneNMOnDevice(given, before, structure);
        expect(maskBy(composed, shape, scores, mask)).toEqual(found);
      }),
    );
  });

  it('keeps exactly n in every whole group, and no more in a ragged one', () => {
    fc.assert(
      fc.property(weights, nms, ({shape, scores}, {n, m}) => {
        const found = maskBy(nm({n, m}), shape, scores);
        for (const group of groupsAlongInput(shape, m)) {
          expect(group.filter((i) => found[i] === 1)).toHaveLength(Math.min(n, group.length));
        }
      }),
    );
  });

  it('changes nothing when it is done again, and only prunes on with other scores', () => {
    fc.assert(
      fc.property(weights, nms, ({shape, scores}, structure) => {
        const once = maskBy(nm(structure), shape, scores);
        expect(maskBy(nm(structure), shape, scores, once)).toEqual(once);
        const other = maskBy(nm(structure), shape, [...scores].reverse(), once);
        other.forEach((kept, i) => expect(kept).toBeLessThanOrEqual(once[i]));
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
    pruneNM(scores, mask, {n: 1, m: 2}),
  ];
  expect(tf.memory().numTensors).toBe(before + 3);
  tf.dispose([scores, mask, ...results]);
});

describe('sparsityOf', () => {
  it('is 1 − n/m, and unknown for others', () => {
    expect(sparsityOf({n: 2, m: 4})).toBe(0.5);
    expect(sparsityOf({n: 1, m: 4})).toBe(0.75);
    expect(sparsityOf({block: [2, 2]})).toBeUndefined();
    expect(sparsityOf(undefined)).toBeUndefined();
  });
});

describe('checkStructure', () => {
  it.each([
    [{block: [1, 1]}],
    [{block: [Infinity, 4], pooling: 'max'}],
    [{block: [4, Infinity], pooling: 'avg'}],
    [{n: 2, m: 4}],
    [{n: 1, m: 2}],
  ])('takes %j', (structure) => expect(() => checkStructure(structure)).not.toThrow());

  it.each<[unknown, string]>([
    [null, 'structure: expected {block: [rows, columns], pooling} or {n, m}, but got null.'],
    ['2:4', "structure: expected {block: [rows, columns], pooling} or {n, m}, but got '2:4'."],
    [{block: [2]}, 'structure.block: expected [rows, columns], but got [2].'],
    [{block: [2, 2, 2]}, 'structure.block: expected [rows, columns], but got [2,2,2].'],
    [{block: 2}, 'structure.block: expected [rows, columns], but got 2.'],
    [{block: [0, 2]}, 'structure.block: expected integers of at least 1, or Infinity'],
    [{block: [2, -1]}, 'structure.block: expected integers of at least 1, or Infinity'],
    [{block: [1.5, 1]}, 'structure.block: expected integers of at least 1, or Infinity'],
    [{block: [NaN, 1]}, 'structure.block: expected integers of at least 1, or Infinity'],
    [{block: [-Infinity, 1]}, 'structure.block: expected integers of at least 1, or Infinity'],
    [{block: ['2', 1]}, 'structure.block: expected integers of at least 1, or Infinity'],
    [{block: [2, 2], pooling: 'sum'}, "structure.pooling: expected 'avg' or 'max', but got 'sum'."],
    [{block: [2, 2], n: 2}, "but got 'n'."],
    [{n: 4, m: 4}, 'structure.n: expected less than m (4), but got 4.'],
    [{n: 5, m: 4}, 'structure.n: expected less than m (4), but got 5.'],
    [{n: 0, m: 4}, 'structure.n: expected an integer of at least 1, but got 0.'],
    [{n: -1, m: 4}, 'structure.n: expected an integer of at least 1, but got -1.'],
    [{n: 1, m: 0}, 'structure.m: expected an integer of at least 2, but got 0.'],
    [{n: 1, m: -4}, 'structure.m: expected an integer of at least 2, but got -4.'],
    [{n: 1.5, m: 4}, 'structure.n: expected an integer of at least 1, but got 1.5.'],
    [{n: 1, m: NaN}, 'structure.m: expected an integer of at least 2, but got NaN.'],
    [{n: 2}, 'structure.m: expected an integer of at least 2, but got undefined.'],
    [{}, 'structure.m: expected an integer of at least 2, but got undefined.'],
    [{n: 2, m: 4, pooling: 'avg'}, "but got 'pooling'."],
  ])('refuses %j', (structure, message) => {
    expect(() => checkStructure(structure)).toThrow(PruningError);
    expect(() => checkStructure(structure)).toThrow(message);
  });
});

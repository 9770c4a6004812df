import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {pruneNM, pruneNMOnDevice} from '../../lib/weights/n_of_m';
import type {NMStructure} from '../../lib/weights/structure';
import {maskBy, matrixOf, weights} from './patterned';

const nm = (structure: NMStructure) => (scores: tf.Tensor, mask: tf.Tensor | null) =>
  pruneNM(scores, mask, structure);

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

const nms = fc
  .integer({min: 2, max: 6})
  .chain((m) => fc.record({n: fc.integer({min: 1, max: m - 1}), m: fc.constant(m)}));

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
  const results = [pruneNM(scores, mask, {n: 1, m: 2})];
  expect(tf.memory().numTensors).toBe(before + 1);
  tf.dispose([scores, mask, ...results]);
});

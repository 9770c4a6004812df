import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {isHostBackend, selectSmallest} from '../../lib/weights/host_selection';
import {pruneCount} from '../../lib/weights/prune_count';
import {pruneSmallest, pruneSmallestOnDevice} from '../../lib/weights/threshold';
import {backendName} from '../setup/backend';
import {distinct, zeros} from '../setup/models';

type Select = (scores: number[], mask: number[] | null, count: number) => number[];

/** By the definition: pruned ones first, then by score, then by position. */
const byDefinition: Select = (scores, mask, count) => {
  if (scores.some(Number.isNaN)) {
    return mask ?? scores.map(() => 1);
  }
  const pruned = (i: number) => mask !== null && mask[i] === 0;
  const order = scores
    .map((_, i) => i)
    .sort((a, b) => {
      if (pruned(a) || pruned(b)) {
        return Number(pruned(b)) - Number(pruned(a)) || a - b;
      }
      return scores[a] < scores[b] ? -1 : scores[a] > scores[b] ? 1 : a - b;
    });
  const gone = new Set(order.slice(0, Math.max(count, order.filter(pruned).length)));
  return scores.map((_, i) => (gone.has(i) ? 0 : 1));
};

const onBackend =
  (select: typeof pruneSmallest): Select =>
  (scores, mask, count) => {
    const tensors = [scores, ...(mask ? [mask] : [])].map((list) => tf.tensor1d(list, 'float32'));
    const result = select(tensors[0], tensors[1] ?? null, count);
    const kept = [...result.dataSync()];
    tf.dispose([...tensors, result]);
    return kept;
  };

const onHost: Select = (scores, mask, count) => {
  const output = new Float32Array(scores.length).fill(7);
  selectSmallest(
    Float32Array.from(scores),
    mask ? Float32Array.from(mask) : undefined,
    count,
    output,
  );
  return [...output];
};

const cases = fc
  .array(fc.tuple(fc.integer({min: -4, max: 4}), fc.boolean()), {minLength: 1, maxLength: 40})
  .chain((elements) => fc.tuple(fc.constant(elements), fc.nat(elements.length - 1), fc.boolean()));

/** Counts that make no sense, and those that do. */
const anyCount = fc.oneof(
  fc.integer({min: -3, max: 60}),
  fc.double(),
  fc.constantFrom(NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32 + 1, 0.5, -0.5),
);

const anyScore = fc.oneof(fc.float(), fc.constantFrom(0, -0, 1, NaN, Infinity, -Infinity));

describe('selectSmallest', () => {
  it('ends for every count and all scores, with a 0 or 1 for each', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyScore, fc.boolean()), {maxLength: 40}),
        anyCount,
        fc.boolean(),
        (elements, count, masked) => {
          const scores = elements.map(([score]) => score);
          const mask = masked ? elements.map(([, kept]) => Number(kept)) : null;
          const whole = Math.floor(Math.min(Math.max(count || 0, 0), scores.length));
          expect(onHost(scores, mask, count)).toEqual(byDefinition(scores, mask, whole));
        },
      ),
      {numRuns: 1000},
    );
  });
});

describe('pruneCount', () => {
  it.each([
    [5, 0.5, 3],
    [8, 0.5, 4],
    [10, 0, 0],
    [10, 0.04, 0],
    [10, 0.05, 1],
    [10, 0.9, 9],
    [10, 0.99, 9],
    [3, 0.99, 2],
    [2, 0.9, 1],
    [1, 0.99, 0],
    [4_000_000, 0.9, 3_600_000],
  ])('of %p weights at %p is %p', (size, sparsity, count) => {
    expect(pruneCount(size, sparsity)).toBe(count);
  });

  it('is the nearest integer, and leaves one weight', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 5_000_000}),
        fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true}),
        (size, sparsity) => {
          const count = pruneCount(size, sparsity);
          return (
            Number.isInteger(count) &&
            count <= size - 1 &&
            (count === size - 1 || Math.abs(count - size * sparsity) <= 0.5)
          );
        },
      ),
    );
  });
});

describe.each<[string, Select]>([
  ['pruneSmallest', onBackend(pruneSmallest)],
  ['pruneSmallestOnDevice', onBackend(pruneSmallestOnDevice)],
  ['selectSmallest', onHost],
])('%s', (_name, select) => {
  it.each<[string, number[], number[] | null, number, number[]]>([
    ['the two smallest', [3, 1, 4, 2], null, 2, [1, 0, 1, 0]],
    ['earlier ones of a tie', [2, 1, 2, 2, 5], null, 3, [0, 0, 0, 1, 1]],
    ['earlier ones of equal scores', [8, 8, 8, 8, 8, 8], null, 3, [0, 0, 0, 1, 1, 1]],
    ['equal scores of zero', [0, 0, 0, 0], null, 2, [0, 0, 1, 1]],
    ['nothing for count 0', [3, 1, 2], null, 0, [1, 1, 1]],
    ['nothing for count 0 of equal scores', [1, 1, 1], null, 0, [1, 1, 1]],
    ['all but the largest', [3, 9, 2, 9, 1], null, 4, [0, 0, 0, 1, 0]],
    ['all but the last of equal scores', [5, 5, 5], null, 2, [0, 0, 1]],
    ['nothing of one element', [4], null, 0, [1]],
    ['negative before positive', [1, -1, 0, -3], null, 2, [1, 0, 1, 0]],
    ['the lowest of negative scores', [-1, -5, -2, -4], null, 2, [1, 0, 1, 0]],
    ['−0 and 0 as a tie', [0, -0, 0, -0, 1], null, 2, [0, 0, 1, 1, 1]],
    ['0 after −0 as a tie', [-0, 0, -0, 0, 1], null, 3, [0, 0, 0, 1, 1]],
    ['the smallest that can be told apart', [1, 1 + 2 ** -23, 1, 2], null, 3, [0, 0, 0, 1]],
    ['by one bit', [1 + 2 ** -23, 1], null, 1, [1, 0]],
    ['what the mask has pruned first', [9, 1, 8, 2], [0, 1, 1, 1], 2, [0, 0, 1, 1]],
    ['only what the mask has pruned', [9, 1, 8, 2], [0, 1, 0, 1], 2, [0, 1, 0, 1]],
    ['no fewer than the mask has', [9, 1, 8, 2], [0, 1, 0, 0], 1, [0, 1, 0, 0]],
    ['nothing more for count 0', [9, 1, 8], [0, 1, 1], 0, [0, 1, 1]],
    ['all ties of a mask at its end', [1, 1, 1, 1], [1, 1, 0, 0], 3, [0, 1, 0, 0]],
    ['nothing while a score is NaN', [3, NaN, 1], null, 2, [1, 1, 1]],
    ['no more while a score is NaN', [3, NaN, 1, 2], [1, 1, 1, 0], 3, [1, 1, 1, 0]],
    ['no more while a pruned score is NaN', [3, NaN, 1], [1, 0, 1], 2, [1, 0, 1]],
    ['all for a count of all', [3, 1, 2], null, 3, [0, 0, 0]],
    ['all for a count beyond', [3, 1, 3], null, 4, [0, 0, 0]],
    ['all for a count beyond, with a mask', [3, 1, 2], [1, 0, 1], 9, [0, 0, 0]],
    ['nothing for a count below 0', [3, 1, 2], null, -2, [1, 1, 1]],
    ['infinities last', [Infinity, 1, Infinity, 2], null, 2, [1, 0, 1, 0]],
    ['infinities as a tie', [1, Infinity, Infinity, Infinity], null, 2, [0, 0, 1, 1]],
    ['tiny beside huge', [1e38, 1e-38, 1e30, 2e-38], null, 2, [1, 0, 1, 0]],
  ])('takes %s', (_case, scores, mask, count, wanted) => {
    expect(select(scores, mask, count)).toEqual(wanted);
  });

  it('takes what the definition says, with ties and any mask', () => {
    fc.assert(
      fc.property(cases, ([elements, count, masked]) => {
        const scores = elements.map(([score]) => score / 8);
        const mask = masked ? elements.map(([, kept]) => Number(kept)) : null;
        expect(select(scores, mask, count)).toEqual(byDefinition(scores, mask, count));
      }),
      {numRuns: 60},
    );
  });

  it('takes the earlier ones of any number of equal scores', () => {
    fc.assert(
      fc.property(
        fc
          .integer({min: 1, max: 200})
          .chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1))),
        ([size, count]) => {
          const wanted = Array.from({length: size}, (_, i) => (i < count ? 0 : 1));
          expect(select(Array(size).fill(0.5), null, count)).toEqual(wanted);
        },
      ),
      {numRuns: 40},
    );
  });

  it('takes exactly the count of any numbers, none above one that stays', () => {
    const float = fc.float({min: Math.fround(-1e30), max: Math.fround(1e30), noNaN: true});
    fc.assert(
      fc.property(
        fc.array(float, {minLength: 1, maxLength: 30}),
        fc.double({min: 0, max: 0.999, noNaN: true}),
        (scores, sparsity) => {
          const count = pruneCount(scores.length, sparsity);
          const kept = select(scores, null, count);
          expect(zeros(kept)).toBe(count);
          const range = Math.max(...scores) - Math.min(...scores);
          const lowestKept = Math.min(...scores.filter((_, i) => kept[i] === 1));
          const highestGone = Math.max(...scores.filter((_, i) => kept[i] === 0));
          // The midpoint of two subnormal numbers may be one of them, or zero.
          const resolution = Math.max(range * 2 ** -20, 2 ** -126);
          expect(highestGone).toBeLessThanOrEqual(lowestKept + resolution);
        },
      ),
      {numRuns: 60},
    );
  });

  it('permutes with its scores where there are no ties', () => {
    const permutation = fc.shuffledSubarray([...Array(24).keys()], {minLength: 24});
    const scores = [...distinct(24)];
    fc.assert(
      fc.property(permutation, fc.nat(23), (order, count) => {
        const mask = select(scores, null, count);
        const permuted = select(
          order.map((i) => scores[i]),
          null,
          count,
        );
        expect(permuted).toEqual(order.map((i) => mask[i]));
      }),
      {numRuns: 30},
    );
  });

  it('never brings anything back as the count moves', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(23), {minLength: 1, maxLength: 6}),
        fc.infiniteStream(fc.integer({min: 0, max: 9})),
        (counts, stream) => {
          let mask: number[] | null = null;
          for (const count of counts) {
            const scores: number[] = [...stream.take(24)];
            const next: number[] = select(scores, mask, count);
            const before = mask ?? next.map(() => 1);
            expect(next.every((kept, i) => kept <= before[i])).toBe(true);
            expect(zeros(next)).toBe(Math.max(count, zeros(before)));
            mask = next;
          }
        },
      ),
      {numRuns: 30},
    );
  });
});

describe.each([
  ['pruneSmallest', pruneSmallest],
  ['pruneSmallestOnDevice', pruneSmallestOnDevice],
])('the result of %s', (_name, select) => {
  it('is float32 of the shape of the scores', () => {
    const scores = tf.tensor([4, 3, 2, 1, 6, 5], [1, 3, 2]);
    const mask = tf.ones([1, 3, 2]);
    for (const result of [select(scores, null, 3), select(scores, mask, 3)]) {
      expect(result.shape).toEqual([1, 3, 2]);
      expect(result.dtype).toBe('float32');
      expect([...result.dataSync()]).toEqual([1, 0, 0, 0, 1, 1]);
      result.dispose();
    }
    tf.dispose([scores, mask]);
  });

  it('is the only tensor left behind, and the inputs are untouched', () => {
    const scores = tf.tensor1d([3, 1, 2]);
    const mask = tf.tensor1d([1, 1, 0]);
    const before = tf.memory().numTensors;
    const result = select(scores, mask, 2);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect([...scores.dataSync()]).toEqual([3, 1, 2]);
    expect([...mask.dataSync()]).toEqual([1, 1, 0]);
    tf.dispose([scores, mask, result]);
  });

  it('outlives scores that a kernel has made', () => {
    const weight = tf.tensor1d([-3, 1, -2, 4]);
    const result = tf.tidy(() => select(tf.abs(weight), null, 2));
    expect([...result.dataSync()]).toEqual([1, 0, 0, 1]);
    tf.dispose([weight, result]);
  });
});

it('selects on the host exactly where the backend keeps its tensors there', () => {
  expect(isHostBackend()).toBe(backendName === 'wasm' || backendName === 'cpu');
});

it('prunes exactly 3.6 of 4 million, the smallest', () => {
  const size = 4_000_000;
  const scores = tf.randomUniform([2000, 2000], 0, 1, 'float32', 5);
  const mask = pruneSmallest(scores, null, pruneCount(size, 0.9));
  const [kept, all] = [mask.dataSync(), scores.dataSync()];
  let gone = 0;
  let [highestGone, lowestKept] = [-Infinity, Infinity];
  for (let i = 0; i < size; ++i) {
    if (kept[i] === 0) {
      gone += 1;
      highestGone = Math.max(highestGone, all[i]);
    } else {
      lowestKept = Math.min(lowestKept, all[i]);
    }
  }
  expect(gone).toBe(3_600_000);
  expect(highestGone).toBeLessThanOrEqual(lowestKept);
  tf.dispose([scores, mask]);
});

it.each([
  ['none', 1, 40_000],
  ['in the last row only', 400, 139_999],
  ['everywhere', 4, 70_001],
  ['everywhere, with a mask', 4, 90_000, true],
  ['fewer than the mask has', 4, 10, true],
])('takes ties by position among many weights: %s', (_case, values, count, masked = false) => {
  const size = 140_000;
  const scores = Array.from({length: size}, (_, i) => (i * 7919) % (values === 1 ? size : values));
  const mask = masked ? scores.map((_, i) => Number(i % 5 !== 0)) : null;
  const output = new Float32Array(size);
  selectSmallest(
    Float32Array.from(scores),
    mask ? Float32Array.from(mask) : undefined,
    count,
    output,
  );
  expect(onBackend(pruneSmallestOnDevice)(scores, mask, count)).toEqual([...output]);
});

import fc from 'fast-check';

import {PruningError} from '../../../lib/base/errors';
import {CENTROID_INITS, kMeans, nearestCentroid} from '../../../lib/projection/rounding/clustering';
import {random} from '../../setup/models';

const values = fc.array(fc.float({min: -100, max: 100, noNaN: true}), {
  minLength: 1,
  maxLength: 60,
});

function squaredError(numbers: Float32Array, centroids: Float32Array): number {
  const nearest = nearestCentroid(centroids);
  return numbers.reduce((sum, value) => sum + (value - centroids[nearest(value)]) ** 2, 0);
}

/** The least possible sum of squared errors, by trying all cuts of the sorted numbers. */
function leastError(numbers: Float32Array, clusters: number): number {
  const sorted = numbers.slice().sort();
  const spread = (start: number, end: number) => {
    const part = sorted.subarray(start, end);
    const mean = part.reduce((sum, value) => sum + value, 0) / part.length;
    return part.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const least = (start: number, left: number): number => {
    if (left === 1) {
      return spread(start, sorted.length);
    }
    let best = Infinity;
    for (let end = start + 1; end <= sorted.length - left + 1; ++end) {
      best = Math.min(best, spread(start, end) + least(end, left - 1));
    }
    return best;
  };
  return least(0, clusters);
}

describe.each(CENTROID_INITS)('kMeans from %s centroids', (init) => {
  test('finds groups that lie apart', () => {
    const groups = Float32Array.of(-9, -8, 0.5, 1, 1.5, 20, 22);
    expect([...kMeans(groups, {clusters: 3, init})]).toEqual([-8.5, 1, 21]);
  });

  test('keeps all values where there are no more than clusters', () => {
    const few = Float32Array.of(3, -1, 3, 0.1, -1);
    expect([...kMeans(few, {clusters: 3, init})]).toEqual([-1, Math.fround(0.1), 3]);
    expect([...kMeans(few, {clusters: 10, init})]).toEqual([-1, Math.fround(0.1), 3]);
  });

  test('gives rising centroids, at most as many as asked for, each the mean of its values', () => {
    fc.assert(
      fc.property(values, fc.integer({min: 1, max: 8}), (list, clusters) => {
        const numbers = Float32Array.from(list);
        const centroids = kMeans(numbers, {clusters, init});
        expect(centroids.length).toBeLessThanOrEqual(clusters);
        expect(centroids.length).toBeGreaterThan(0);
        centroids.slice(1).forEach((centroid, i) => expect(centroid).toBeGreaterThan(centroids[i]));
        const nearest = nearestCentroid(centroids);
        centroids.forEach((centroid, cluster) => {
          const own = list.filter((value) => nearest(value) === cluster);
          const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
          expect(Math.abs(centroid - mean)).toBeLessThan(1e-4);
        });
      }),
    );
  });

  test('comes near the least error there is', () => {
    const next = random(5);
    const numbers = Float32Array.from({length: 24}, () => next() ** 3);
    const error = squaredError(numbers, kMeans(numbers, {clusters: 3, init}));
    expect(error).toBeLessThan(2 * leastError(numbers, 3) + 1e-9);
  });

  test('uses all clusters where there is a gap between the values, as pruning leaves', () => {
    const next = random(6);
    const numbers = Float32Array.from({length: 2000}, () => (next() < 0.5 ? -1 : 1) * (1 + next()));
    expect(kMeans(numbers, {clusters: 16, init}).length).toBe(16);
  });
});

test('kMeans++ gives the same for the same seed', () => {
  const next = random(7);
  const numbers = Float32Array.from({length: 500}, () => next());
  const run = (seed: number) => kMeans(numbers, {clusters: 20, init: 'kMeans++', seed});
  expect(run(3)).toEqual(run(3));
  expect(run(3)).not.toEqual(run(4));
});

test('nothing has no centroids', () => {
  expect(kMeans(new Float32Array(0), {clusters: 4}).length).toBe(0);
});

test.each([
  [{clusters: 0}, [1], 'clusters: expected an integer of at least 1, but got 0.'],
  [{clusters: 2.5}, [1], 'clusters: expected an integer of at least 1, but got 2.5.'],
  [{clusters: 2, init: 'middle'}, [1], "init: expected 'linear' or 'density' or 'kMeans++'"],
  [{clusters: 2}, [1, NaN, 2], 'values: expected finite numbers, but got NaN.'],
  [{clusters: 2}, [1, -Infinity], 'values: expected finite numbers, but got -Infinity.'],
])('%p of %p is refused', (args, list, message) => {
  const run = () => kMeans(Float32Array.from(list), args as never);
  expect(run).toThrow(PruningError);
  expect(run).toThrow(message);
});

test('nearestCentroid takes the lower of two that are as near', () => {
  const nearest = nearestCentroid(Float32Array.of(-1, 1, 4));
  expect([-5, -1, 0, 0.1, 2.5, 2.6, 9].map(nearest)).toEqual([0, 0, 0, 1, 1, 2, 2]);
});

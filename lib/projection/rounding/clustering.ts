import {check, checkChoice, checkInteger} from '../../base/check';
import {randomNumbers} from '../../base/random';
import {sortFloats} from './sort_floats';

/** Where k-means starts; see `init` of `ClusterWeights`. */
export type CentroidInit = 'linear' | 'density' | 'kMeans++';

/** The choices of `init`. */
export const CENTROID_INITS: readonly CentroidInit[] = ['linear', 'density', 'kMeans++'];
const MOST_ITERATIONS = 100;
/** Clusters that came out empty are tried elsewhere so often. */
const MOST_REFILLS = 8;

export interface KMeansArgs {
  /** How many centroids, at least 1. */
  clusters: number;
  /**
   * `'linear'` spreads the first centroids evenly from the least value to the
   * largest, so that large weights, few but important, keep their own. `'density'`
   * puts as many values nearest to each. `'kMeans++'` draws them by their distance
   * from those already drawn (Arthur and Vassilvitskii 2007).
   * Default: `'linear'`.
   */
  init?: CentroidInit;
  /** Seed of `'kMeans++'`. Default: 0. */
  seed?: number;
}

/**
 * The centroids of a k-means clustering of numbers, in rising order, as weights
 * that share their values have them (Han 2016, https://arxiv.org/abs/1510.00149).
 * Where there are no more distinct values than clusters, these are the centroids.
 *
 * @example
 * kMeans(Float32Array.of(1, 2, 10, 11, 12), {clusters: 2}) //=> Float32Array [1.5, 11]
 *
 * @throws PruningError where an argument is out of range or a value isn't finite.
 */
export function kMeans(values: Float32Array, args: KMeansArgs): Float32Array {
  const {clusters, init = 'linear', seed = 0} = args;
  checkInteger('clusters', clusters, 1);
  checkChoice('init', init, CENTROID_INITS);
  const sorted = sortFloats(values);
  // NaN is sorted to an end, as infinity is.
  const bad = [sorted[0], sorted[sorted.length - 1]].find((value) => !Number.isFinite(value));
  check(values.length === 0 || bad === undefined, 'values', 'finite numbers', bad);
  const distinct = firstDistinct(sorted, clusters + 1);
  if (distinct.length <= clusters) {
    return distinct;
  }
  const sums = prefixSums(sorted);
  let centroids = converge(sorted, sums, INITIAL[init](sorted, clusters, seed));
  for (let i = 0; i < MOST_REFILLS && centroids.length < clusters; ++i) {
    centroids = converge(sorted, sums, refill(sorted, sums, centroids, clusters));
  }
  return centroids;
}

/**
 * Finds the position of the centroid that is nearest to a value, the lower one of two.
 *
 * @param centroids At least one, in rising order.
 */
export function nearestCentroid(centroids: Float32Array): (value: number) => number {
  const borders = Float64Array.from(
    centroids.subarray(1),
    (upper, i) => (centroids[i] + upper) / 2,
  );
  return (value) => bisect(borders.length, (i) => borders[i] < value);
}

/** The first centroids, in rising order. */
const INITIAL: Readonly<
  Record<CentroidInit, (sorted: Float32Array, clusters: number, seed: number) => Float64Array>
> = {
  linear: (sorted, clusters) => {
    const least = sorted[0];
    const step = (sorted[sorted.length - 1] - least) / Math.max(clusters - 1, 1);
    return Float64Array.from({length: clusters}, (_, i) => least + i * step);
  },
  density: (sorted, clusters) =>
    Float64Array.from(
      {length: clusters},
      (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / clusters)],
    ),
  'kMeans++': (sorted, clusters, seed) => {
    const next = randomNumbers(seed);
    const centroids = [sorted[Math.floor(next() * sorted.length)]];
    const distances = new Float64Array(sorted.length).fill(Infinity);
    while (centroids.length < clusters) {
      const last = centroids[centroids.length - 1];
      let total = 0;
      sorted.forEach((value, i) => {
        distances[i] = Math.min(distances[i], (value - last) ** 2);
        total += distances[i];
      });
      let left = next() * total;
      const drawn = distances.findIndex((distance) => (left -= distance) < 0);
      centroids.push(sorted[drawn < 0 ? sorted.length - 1 : drawn]);
    }
    return Float64Array.from(centroids).sort();
  },
};

/** Lloyd's iterations, until no value changes its cluster; clusters without values are dropped. */
function converge(sorted: Float32Array, sums: Float64Array, initial: Float64Array): Float32Array {
  let centroids = initial;
  let last = '';
  for (let i = 0; i < MOST_ITERATIONS; ++i) {
    const ends = clusterEnds(sorted, centroids);
    const now = ends.join();
    if (now === last) {
      break;
    }
    last = now;
    const means: number[] = [];
    ends.forEach((end, cluster) => {
      const start = cluster > 0 ? ends[cluster - 1] : 0;
      if (end > start) {
        means.push((sums[end] - sums[start]) / (end - start));
      }
    });
    centroids = Float64Array.from(means);
  }
  // Rounded to floats, two may be one.
  return firstDistinct(Float32Array.from(centroids), centroids.length);
}

/** `centroids` and as many more as are missing, in the clusters that are widest spread. */
function refill(
  sorted: Float32Array,
  sums: Float64Array,
  centroids: Float32Array,
  clusters: number,
): Float64Array {
  const ends = clusterEnds(sorted, centroids);
  const halves = ends.map((end, cluster) => {
    const start = cluster > 0 ? ends[cluster - 1] : 0;
    const middle = bisect(sorted.length, (i) => sorted[i] < centroids[cluster]);
    const mean = (from: number, to: number) => (sums[to] - sums[from]) / (to - from);
    const isSplit = middle > start && middle < end;
    const [lower, upper] = isSplit ? [mean(start, middle), mean(middle, end)] : [0, 0];
    return {cluster, lower, upper, spread: (end - start) * (upper - lower) ** 2};
  });
  halves.sort((a, b) => b.spread - a.spread);
  const split = halves.slice(0, clusters - centroids.length).filter(({spread}) => spread > 0);
  const taken = new Set(split.map(({cluster}) => cluster));
  const kept = [...centroids].filter((_, cluster) => !taken.has(cluster));
  return Float64Array.from([...kept, ...split.flatMap(({lower, upper}) => [lower, upper])]).sort();
}

/** Where in `sorted` the values end that are nearest to each centroid. */
function clusterEnds(sorted: Float32Array, centroids: ArrayLike<number>): number[] {
  return Array.from(centroids, (centroid, i) => {
    const border = i + 1 < centroids.length ? (centroid + centroids[i + 1]) / 2 : Infinity;
    return bisect(sorted.length, (position) => sorted[position] <= border);
  });
}

/** The first `most` different values. */
function firstDistinct(sorted: Float32Array, most: number): Float32Array {
  const found: number[] = [];
  for (let i = 0; i < sorted.length && found.length < most; ++i) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) {
      found.push(sorted[i]);
    }
  }
  return Float32Array.from(found);
}

/** At i, the sum of the first i values. */
function prefixSums(values: Float32Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; ++i) {
    sums[i + 1] = sums[i] + values[i];
  }
  return sums;
}

/** How many of the first positions below `length` are `below`: all after those are not. */
function bisect(length: number, below: (i: number) => boolean): number {
  let low = 0;
  for (let high = length; low < high;) {
    const middle = (low + high) >>> 1;
    if (below(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

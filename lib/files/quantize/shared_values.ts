import {check} from '../../base/check';
import {kMeans, nearestCentroid, type CentroidInit} from '../../projection/rounding/clustering';

/** A few values that the elements of a weight share, found by k-means. */
export interface SharedValues {
  /** Number of different values, in addition to zero: 2 to 256. */
  clusters: number;
  /** Where k-means starts, as in `ClusterWeights`. Default: `'linear'`. */
  init?: CentroidInit;
}

/**
 * `values`, each replaced by the nearest of a few shared ones. Zeros stay zeros
 * and don't count (Han 2016, https://arxiv.org/abs/1510.00149).
 *
 * @param name Of the weight; named in errors.
 * @throws PruningError where a value isn't finite.
 */
export function toSharedValues(
  name: string,
  values: Float32Array,
  {clusters, init}: SharedValues,
): Float32Array<ArrayBuffer> {
  const others = new Float32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; ++i) {
    // Numbers only: a comparison with NaN is false.
    if (!(Math.abs(values[i]) < Infinity)) {
      check(false, name, 'finite values, to share them', values[i]);
    }
    if (values[i] !== 0) {
      others[count++] = values[i];
    }
  }
  const shared = new Float32Array(values.length);
  if (count > 0) {
    const centroids = kMeans(others.subarray(0, count), {clusters, init});
    const nearest = nearestCentroid(centroids);
    for (let i = 0; i < values.length; ++i) {
      shared[i] = values[i] === 0 ? 0 : centroids[nearest(values[i])];
    }
  }
  return shared;
}

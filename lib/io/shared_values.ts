import {kMeans, nearestCentroid, type CentroidInit} from '../clustering';
import {check} from '../validate';

/** A codebook: values of a weight that share, by k-means, a few. */
export interface SharedValues {
  /** How many different values stay, besides zero: 2 to 256. */
  clusters: number;
  /** How the first ones are chosen, see `kMeans`. Default: `'linear'`. */
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
  const others = values.filter((value) => value !== 0);
  const bad = others.find((value) => !Number.isFinite(value));
  check(bad === undefined, name, 'finite values, to share them', bad);
  const shared = new Float32Array(values.length);
  if (others.length > 0) {
    const centroids = kMeans(others, {clusters, init});
    const nearest = nearestCentroid(centroids);
    for (let i = 0; i < values.length; ++i) {
      shared[i] = values[i] === 0 ? 0 : centroids[nearest(values[i])];
    }
  }
  return shared;
}

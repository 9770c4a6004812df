import {kMeans, nearestCentroid, type KMeansArgs} from './clustering';

/** Values that the elements of a weight share. */
export interface Clusters {
  /** The shared values: zero, and those of one channel after the other. */
  readonly values: Float32Array;
  /** For each element, flat, the index of its value. */
  readonly indices: Int32Array;
}

/**
 * The centroids of each channel by k-means over its elements that are not zero, in
 * rising order; none for a channel of zeros.
 *
 * @param channels For each element the number of its channel; `null` for one of all.
 * @example
 * centroidsOf(Float32Array.of(1, 10, 3, 30, 8, 32), Int32Array.of(0, 1, 0, 1, 0, 1), {clusters: 2});
 * //=> [[2, 8], [10, 31]]
 */
export function centroidsOf(
  numbers: Float32Array,
  channels: Int32Array | null,
  args: KMeansArgs,
): Float32Array[] {
  return byChannel(numbers, channels).map((own) =>
    kMeans(
      own.filter((value) => value !== 0),
      args,
    ),
  );
}

/** The values that elements share: of each the centroid of its channel that is nearest. Zeros stay zeros. */
export function shareCentroids(
  numbers: Float32Array,
  channels: Int32Array | null,
  centroids: readonly Float32Array[],
): Clusters {
  let count = 1;
  const offsets = centroids.map(({length}) => (count += length) - length);
  const nearest = centroids.map(nearestCentroid);
  const indices = numbers.map((value, i) => {
    const channel = channels ? channels[i] : 0;
    return value === 0 ? 0 : offsets[channel] + nearest[channel](value);
  });
  const values = centroids.flatMap((own) => [...own]);
  // A weight of zeros has none, and gets one that stands for nothing.
  return {
    values: Float32Array.from([0, ...(values.length > 0 ? values : [1])]),
    indices: Int32Array.from(indices),
  };
}

/**
 * The number of the channel of each element of a weight, where it is the same along the
 * axes `summed`.
 *
 * @example
 * channelNumbers([2, 3], [0]); //=> [0, 1, 2, 0, 1, 2]
 */
export function channelNumbers(shape: readonly number[], summed: readonly number[]): Int32Array {
  const sizeFrom = (axis: number) => shape.slice(axis).reduce((all, size) => all * size, 1);
  const strides = shape.map((_, axis) => sizeFrom(axis + 1));
  const axes = [...shape.keys()].filter((axis) => !summed.includes(axis));
  return Int32Array.from({length: sizeFrom(0)}, (_, position) =>
    axes.reduce(
      (channel, axis) =>
        channel * shape[axis] + (Math.floor(position / strides[axis]) % shape[axis]),
      0,
    ),
  );
}

function byChannel(numbers: Float32Array, channels: Int32Array | null): Float32Array[] {
  if (channels === null) {
    return [numbers];
  }
  const counts: number[] = [];
  channels.forEach((channel) => (counts[channel] = (counts[channel] ?? 0) + 1));
  const own = counts.map((count) => new Float32Array(count));
  counts.fill(0);
  numbers.forEach((value, i) => (own[channels[i]][counts[channels[i]]++] = value));
  return own;
}

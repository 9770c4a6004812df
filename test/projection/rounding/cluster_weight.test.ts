import {
  centroidsOf,
  channelNumbers,
  shareCentroids,
} from '../../../lib/projection/rounding/cluster_weight';

const floats = (...values: number[]) => Float32Array.from(values);

/** The values of each element, and what is shared. */
function clustered(numbers: Float32Array, channels: Int32Array | null, clusters: number) {
  const centroids = centroidsOf(numbers, channels, {clusters});
  const {values, indices} = shareCentroids(numbers, channels, centroids);
  return [[...values], [...indices]];
}

test('what is not zero shares values', () => {
  expect(clustered(floats(1, 3, 0, 8, 0), null, 2)).toEqual([
    [0, 2, 8],
    [1, 1, 0, 2, 0],
  ]);
});

test('each channel has values of its own', () => {
  // Channels 0, 1 and 2 of a [3, 3] weight; the last is of zeros.
  const numbers = floats(1, 10, 0, 3, 30, 0, 8, 32, 0);
  expect(clustered(numbers, channelNumbers([3, 3], [0]), 2)).toEqual([
    [0, 2, 8, 10, 31],
    [1, 3, 0, 1, 4, 0, 2, 4, 0],
  ]);
});

test('zeros share a value that stands for nothing', () => {
  expect(clustered(floats(0, 0), null, 4)).toEqual([
    [0, 1],
    [0, 0],
  ]);
});

test.each([
  [[2, 3], [0], [0, 1, 2, 0, 1, 2]],
  [[2, 3], [1], [0, 0, 0, 1, 1, 1]],
  [[2, 2, 2], [0], [0, 1, 2, 3, 0, 1, 2, 3]],
  [
    [2, 2, 2],
    [0, 2],
    [0, 0, 1, 1, 0, 0, 1, 1],
  ],
  [
    [2, 2],
    [0, 1],
    [0, 0, 0, 0],
  ],
])('channels of %p that extend over %p', (shape, summed, numbers) => {
  expect([...channelNumbers(shape, summed)]).toEqual(numbers);
});

/** The largest of a channel is between 2^5 and 2^6 of its steps. */
const LEVEL_BITS = 6;
/** Steps are normal numbers as float16. */
const LEAST_STEP = 2 ** -14;
/** Channels of fewer steps than 2^4, but for those that are next to nothing, have too few. */
const LEAST_LARGEST = LEAST_STEP * 2 ** 4;

/**
 * `values` rounded to steps, a power of two for each channel: what a filter for each channel
 * needs of precision, where one step for all of them would be too much for small ones. They are
 * float16 without loss, too. `undefined` where steps would be too small for that.
 *
 * @param columns How many channels there are: the last dimensions.
 */
export function onChannelGrid(values: Float32Array, columns: number): Float32Array | undefined {
  const largest = new Float64Array(columns);
  for (let i = 0; i < values.length; ++i) {
    largest[i % columns] = Math.max(largest[i % columns], Math.abs(values[i]));
  }
  // NaN is none of these.
  const isFine = (most: number) => most < LEAST_STEP || (most >= LEAST_LARGEST && most < 2 ** 15);
  if (!largest.every(isFine)) {
    return undefined;
  }
  const steps = largest.map((most) => {
    const step = 2 ** (Math.ceil(Math.log2(most)) - LEVEL_BITS);
    return Math.max(step, LEAST_STEP);
  });
  return values.map((value, i) => {
    const step = steps[i % columns];
    // Not -0, which is another word than 0.
    return Math.round(value / step) * step + 0;
  });
}

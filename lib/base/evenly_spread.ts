/** `count` of the numbers below `size`, at equal distances: of what may be sorted by class. */
export function evenlySpread(size: number, count: number): Int32Array {
  return Int32Array.from({length: count}, (_, i) => Math.floor((i * size) / count));
}

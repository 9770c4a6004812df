/**
 * How many weights of each kernel go, so that `zeros` do in all, by layer-adaptive
 * magnitude (LAMP, Lee et al. 2021, https://arxiv.org/abs/2010.07611): a weight
 * counts w² over the sum of the squares that are not smaller in its kernel. So the
 * sizes of kernels need not compare, and each keeps its largest weight.
 *
 * @param kernels The values of each kernel.
 * @param most How many of each may go.
 */
export function lampCounts(
  kernels: readonly Float32Array[],
  zeros: number,
  most: readonly number[],
): number[] {
  const scores = kernels.map(lampScores);
  const able = scores.map((own, i) => own.subarray(0, Math.min(most[i], own.length - 1)));
  const total = able.reduce((sum, {length}) => sum + length, 0);
  const all = new Float64Array(total);
  let offset = 0;
  for (const own of able) {
    all.set(own, offset);
    offset += own.length;
  }
  all.sort();
  const wanted = Math.min(zeros, total);
  const cut = wanted === 0 ? -1 : all[wanted - 1];
  const counts = able.map((own) => countBelow(own, cut));
  // Among equals those of earlier kernels go first.
  let missing = wanted - counts.reduce((sum, count) => sum + count, 0);
  able.forEach((own, i) => {
    for (; missing > 0 && own[counts[i]] === cut; --missing) {
      ++counts[i];
    }
  });
  return counts;
}

/** The scores of a kernel, which rise with the magnitude: from the smallest on. */
function lampScores(kernel: Float32Array): Float64Array {
  const squares = Float64Array.from(kernel, (value) => value * value).sort();
  let sum = 0;
  for (let i = squares.length - 1; i >= 0; --i) {
    sum += squares[i];
    squares[i] = sum === 0 ? 0 : squares[i] / sum;
  }
  return squares;
}

/** How many of sorted numbers are below `cut`. */
function countBelow(sorted: Float64Array, cut: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    [low, high] = sorted[middle] < cut ? [middle + 1, high] : [low, middle];
  }
  return low;
}

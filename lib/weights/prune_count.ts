/**
 * How many of `size` weights are zero at a sparsity: the nearest integer, half
 * up, and at least one weight left.
 *
 * @example
 * pruneCount(5, 0.5); //=> 3
 */
export function pruneCount(size: number, sparsity: number): number {
  return Math.min(Math.round(size * sparsity), size - 1);
}

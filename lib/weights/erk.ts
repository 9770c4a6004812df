/**
 * Sparsities of layers by Erdős–Rényi-Kernel: the density of a layer is in
 * proportion to the sum of its sides over their product, so that small layers
 * stay denser (Evci et al. 2020, https://arxiv.org/abs/1911.11134). Layers that
 * would need more than all their weights stay dense, and the others give more.
 *
 * @param shapes The layers' shapes.
 * @param sparsity The sparsity of all layers together, in [0, 1).
 * @returns A sparsity in [0, 1) for each layer.
 * @example
 * erkSparsities([[100, 100], [10, 10]], 0.9).map((s) => s.toFixed(3)); //=> ['0.908', '0.082']
 */
export function erkSparsities(shapes: readonly number[][], sparsity: number): number[] {
  const sizes = shapes.map((shape) => shape.reduce((product, side) => product * side, 1));
  const shares = shapes.map((shape, i) => shape.reduce((sum, side) => sum + side, 0) / sizes[i]);
  const isDense = shapes.map(() => false);
  for (;;) {
    const total = (list: readonly number[]) =>
      list.reduce((sum, value, i) => sum + (isDense[i] ? 0 : value), 0);
    const dense = sizes.reduce((sum, size, i) => sum + (isDense[i] ? size : 0), 0);
    const kept = (1 - sparsity) * (total(sizes) + dense) - dense;
    const scale = kept / total(shares.map((share, i) => share * sizes[i]));
    const over = shares.findIndex((share, i) => !isDense[i] && scale * share > 1);
    if (over < 0) {
      return shares.map((share, i) => (isDense[i] ? 0 : 1 - scale * share));
    }
    isDense[over] = true;
  }
}

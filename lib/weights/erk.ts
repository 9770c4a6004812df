import {sumOf} from '../base/count_zeros';

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
  const sides = shapes.map(sumOf);
  const isDense = shapes.map(() => false);
  // What layers that are not dense keep of their weights, and the sum of all their sides.
  let kept = (1 - sparsity) * sumOf(sizes);
  let sum = sumOf(sides);
  for (;;) {
    const densities = sides.map((own, i) => (isDense[i] ? 1 : (kept / sum) * (own / sizes[i])));
    const over = densities.findIndex((density) => density > 1);
    if (over < 0) {
      return densities.map((density) => 1 - density);
    }
    isDense[over] = true;
    kept -= sizes[over];
    sum -= sides[over];
  }
}

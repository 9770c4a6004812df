import type {Tensor} from '@tensorflow/tfjs-core';

import {selectOnHost} from './host_selection';

/**
 * `pruneNM` where the backend's memory is the host's own: in O(N·m)
 * and without a copy.
 *
 * @param scores float32 [...window, inputs, outputs].
 * @param mask The present mask, of the same shape.
 */
export function pruneNMOnHost(
  scores: Tensor,
  mask: Tensor | null,
  structure: {readonly n: number; readonly m: number},
): Tensor {
  const [inputs, columns] = scores.shape.slice(-2);
  return selectOnHost('PruneNM', scores, mask, (given, before, output) =>
    selectNM(given, before, output, {inputs, columns, ...structure}),
  );
}

/**
 * Writes to `output` 1 for the `n` largest of each `m` scores along the inputs that
 * `mask` has not pruned, among ties the later ones, and 0 for the rest.
 */
function selectNM(
  scores: Float32Array,
  mask: Float32Array | undefined,
  output: Float32Array,
  {
    inputs,
    columns,
    n,
    m,
  }: {readonly n: number; readonly m: number} & {inputs: number; columns: number},
): void {
  const rows = scores.length / columns;
  for (let window = 0; window < rows; window += inputs) {
    for (let first = 0; first < inputs; first += m) {
      const size = Math.min(m, inputs - first);
      const start = (window + first) * columns;
      for (let column = start; column < start + columns; ++column) {
        for (let i = 0; i < size; ++i) {
          const at = column + i * columns;
          output[at] =
            mask?.[at] === 0 || countAhead(scores, mask, column, columns, size, i) >= n ? 0 : 1;
        }
      }
    }
  }
}

/** How many of a group are ahead of its `i`-th. */
function countAhead(
  scores: Float32Array,
  mask: Float32Array | undefined,
  start: number,
  stride: number,
  size: number,
  i: number,
): number {
  const own = scores[start + i * stride];
  let ahead = 0;
  for (let j = 0; j < size; ++j) {
    const at = start + j * stride;
    const isAhead = scores[at] > own || (j > i && scores[at] === own);
    ahead += isAhead && mask?.[at] !== 0 ? 1 : 0;
  }
  return ahead;
}

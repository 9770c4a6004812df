/**
 * The inverse of a symmetric positive definite matrix of `size` rows, in float64.
 * Entries that rounding has left a little off either triangle do not matter.
 */
export function smallInverse(matrix: ArrayLike<number>, size: number): Float64Array {
  const inverse = Float64Array.from(matrix);
  // Gauss-Jordan in place, without pivots, which such a matrix does not need.
  for (let k = 0; k < size; ++k) {
    const pivot = 1 / inverse[k * size + k];
    for (let i = 0; i < size; ++i) {
      const factor = inverse[i * size + k] * pivot;
      if (i === k || factor === 0) {
        continue;
      }
      for (let j = 0; j < size; ++j) {
        inverse[i * size + j] -= j === k ? 0 : factor * inverse[k * size + j];
      }
      inverse[i * size + k] = -factor;
    }
    for (let j = 0; j < size; ++j) {
      inverse[k * size + j] *= pivot;
    }
    inverse[k * size + k] = pivot;
  }
  return inverse;
}

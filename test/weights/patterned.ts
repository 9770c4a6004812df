import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

/** The mask that `prune` gives, as numbers. */
export function maskBy(
  prune: (scores: tf.Tensor, mask: tf.Tensor | null) => tf.Tensor,
  shape: number[],
  scores: readonly number[],
  mask: readonly number[] | null = null,
): number[] {
  return tf.tidy(() => {
    const before = mask && tf.tensor([...mask], shape, 'float32');
    const result = prune(tf.tensor([...scores], shape, 'float32'), before);
    expect(result.shape).toEqual(shape);
    expect(result.dtype).toBe('float32');
    return [...result.dataSync()];
  });
}

/** The rows and columns of a weight as a matrix. */
export function matrixOf(shape: readonly number[]): [number, number] {
  const columns = shape[shape.length - 1];
  return [shape.slice(0, -1).reduce((product, side) => product * side, 1), columns];
}

/** A shape of rank 2 to 4, scores with ties, and a mask or none. */
export const weights = fc
  .array(fc.integer({min: 1, max: 5}), {minLength: 2, maxLength: 4})
  .chain((shape) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const list = <T>(each: fc.Arbitrary<T>) => fc.array(each, {minLength: size, maxLength: size});
    return fc.record({
      shape: fc.constant(shape),
      scores: list(fc.integer({min: -6, max: 6})),
      mask: fc.option(list(fc.constantFrom(0, 1, 1))),
    });
  });

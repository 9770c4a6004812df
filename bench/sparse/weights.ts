import {random} from '../../test/setup/models';

/**
 * A kernel [..., inputs, outputs] in which a share of the blocks of neighboring outputs is
 * zero. What is left is scaled so that signals keep their size.
 */
export function sparseKernel(
  shape: readonly number[],
  sparsity: number,
  block: number,
  seed = 1,
): Float32Array {
  const next = random(seed);
  const outputs = shape[shape.length - 1];
  const inputs = shape.reduce((product, size) => product * size, 1) / outputs;
  const scale = Math.sqrt(24 / (inputs * (1 - sparsity)));
  const values = new Float32Array(inputs * outputs);
  for (let i = 0; i < values.length; i += block) {
    const isZero = next() < sparsity;
    for (let j = i; j < i + block; ++j) {
      values[j] = isZero ? 0 : (next() - 0.5) * scale;
    }
  }
  return values;
}

import * as tf from '@tensorflow/tfjs-core';

/** Inputs whose weights are chosen together. */
const BLOCK = 128;

/**
 * SparseGPT's update of a dense layer (Frantar & Alistarh 2023,
 * https://arxiv.org/abs/2301.00774), in float64 on the host: input after input,
 * what is pruned is made up for by the weights of the inputs after it.
 *
 * @param weights [inputs, outputs], changed in place.
 * @param gram XᵀX/n with damping, [inputs, inputs].
 */
export function sparseGpt(
  weights: Float64Array,
  gram: Float64Array,
  outputs: number,
  sparsity: number,
): void {
  const inputs = weights.length / outputs;
  const factor = inverseFactor(gram, inputs);
  for (let begin = 0; begin < inputs; begin += BLOCK) {
    const end = Math.min(inputs, begin + BLOCK);
    const scores = weights
      .subarray(begin * outputs, end * outputs)
      .map((weight, i) => (weight / factor[(begin + Math.floor(i / outputs)) * (inputs + 1)]) ** 2);
    const cut = scores.slice().sort()[Math.round(scores.length * sparsity)] ?? Infinity;
    for (let i = begin; i < end; ++i) {
      for (let o = 0; o < outputs; ++o) {
        if (scores[(i - begin) * outputs + o] < cut) {
          const error = weights[i * outputs + o] / factor[i * (inputs + 1)];
          for (let j = i; j < inputs; ++j) {
            weights[j * outputs + o] -= error * factor[i * inputs + j];
          }
          weights[i * outputs + o] = 0;
        }
      }
    }
  }
}

/** XᵀX/n, with 1 % of its mean diagonal added, in float64. */
export async function dampedGram(x: tf.Tensor): Promise<Float64Array> {
  const product = tf.tidy(() => tf.div(tf.matMul(x, x, true, false), x.shape[0]));
  const gram = Float64Array.from(await product.data());
  product.dispose();
  const size = Math.sqrt(gram.length);
  let trace = 0;
  for (let i = 0; i < size; ++i) {
    trace += gram[i * (size + 1)];
  }
  for (let i = 0; i < size; ++i) {
    gram[i * (size + 1)] += (0.01 * trace) / size;
  }
  return gram;
}

/** U with A⁻¹ = UᵀU: row i tells how the inputs after i make up for input i. */
export function inverseFactor(gram: Float64Array, size: number): Float64Array {
  return upperFactor(inverse(gram, size), size);
}

/** U with A = UᵀU. */
function upperFactor(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; ++i) {
    const row = matrix.slice(i * size, (i + 1) * size);
    for (let k = 0; k < i; ++k) {
      const above = factor[k * size + i];
      for (let j = i; j < size; ++j) {
        row[j] -= above * factor[k * size + j];
      }
    }
    const length = Math.sqrt(row[i]);
    for (let j = i; j < size; ++j) {
      factor[i * size + j] = row[j] / length;
    }
  }
  return factor;
}

/** By Gauss-Jordan elimination, without pivots: the matrix is positive definite. */
function inverse(matrix: Float64Array, size: number): Float64Array {
  const a = matrix.slice();
  for (let p = 0; p < size; ++p) {
    const pivot = 1 / a[p * (size + 1)];
    a[p * (size + 1)] = 1;
    for (let j = 0; j < size; ++j) {
      a[p * size + j] *= pivot;
    }
    for (let i = 0; i < size; ++i) {
      const share = a[i * size + p];
      if (i !== p && share !== 0) {
        a[i * size + p] = 0;
        for (let j = 0; j < size; ++j) {
          a[i * size + j] -= share * a[p * size + j];
        }
      }
    }
  }
  return a;
}

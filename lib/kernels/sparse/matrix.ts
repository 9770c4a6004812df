/** A weight as a product sees it: `inputs` x `outputs` numbers in the backend's memory. */
export interface Matrix {
  readonly inputs: number;
  readonly outputs: number;
  /** Whether an output's numbers lie side by side, as with `transposeB`. */
  readonly transposed: boolean;
}

/** How many neighboring outputs share an entry of an encoding. */
export type BlockSize = 1 | 2 | 4;

/** How many entries an encoding in blocks has. */
export interface Counts {
  /** Weights that are not zero; blocks of 2 and of 4 in which one is not. */
  readonly 1: number;
  readonly 2: number;
  readonly 4: number;
}

/** Calls `visit` with the position and the place of each number, inputs in order for each output. */
export function countBlocks(values: Float32Array, matrix: Matrix): Counts {
  const counts = {1: 0, 2: 0, 4: 0};
  const {inputs, outputs, transposed} = matrix;
  const [inputStep, outputStep] = transposed ? [1, inputs] : [outputs, 1];
  for (let input = 0; input < inputs; ++input) {
    // One bit for each output of a block of four.
    let bits = 0;
    for (let output = 0; output < outputs; ++output) {
      const bit = values[input * inputStep + output * outputStep] === 0 ? 0 : 1;
      bits |= bit << (output & 3);
      if ((output & 3) === 3 || output === outputs - 1) {
        counts[1] += (bits & 1) + ((bits >> 1) & 1) + ((bits >> 2) & 1) + (bits >> 3);
        counts[2] += ((bits & 3) === 0 ? 0 : 1) + (bits >> 2 === 0 ? 0 : 1);
        counts[4] += bits === 0 ? 0 : 1;
        bits = 0;
      }
    }
  }
  return counts;
}

import type {KernelSession} from '../session';
import type {BlockSize, Counts, Matrix} from './matrix';

const WORD = 4;

/**
 * A sparse weight as the kernels read it: for each block of outputs a run of entries
 * {offset of the input, one weight for each output of the block}.
 */
export interface Encoding {
  /** Where the runs start, in bytes from `runs`, and where the last ends. */
  readonly starts: number;
  readonly runs: number;
  readonly block: BlockSize;
  readonly bytes: number;
}

/** The bytes of an encoding. */
export function encodedBytes({outputs}: Matrix, counts: Counts, block: BlockSize): number {
  return (outputs / block + 1 + counts[block] * (1 + block)) * WORD;
}

/**
 * Encodes a weight. Both are in the backend's memory: nothing is copied to JavaScript's.
 *
 * @param weight The address of its numbers.
 * @param offsets The offset of each input, in bytes.
 */
export function encode(
  session: KernelSession,
  weight: number,
  matrix: Matrix,
  counts: Counts,
  block: BlockSize,
  offsets: Uint32Array,
): Encoding {
  const {inputs, outputs, transposed} = matrix;
  const bytes = encodedBytes(matrix, counts, block);
  const starts = session.allocate(bytes);
  const blocks = outputs / block;
  const runs = starts + (blocks + 1) * WORD;
  const values = session.floats(weight, inputs * outputs);
  const words = session.words(runs, counts[block] * (1 + block));
  const floats = session.floats(runs, words.length);
  const [inputStep, outputStep] = transposed ? [1, inputs] : [outputs, 1];
  const isOccupied = (at: number) => {
    for (let i = 0; i < block; ++i) {
      if (values[at + i * outputStep] !== 0) {
        return true;
      }
    }
    return false;
  };
  // Where the next entry of each block goes, in words; at first how many there are.
  const next = new Uint32Array(blocks + 1);
  forEachBlock((b, at) => {
    if (isOccupied(at)) {
      next[b + 1] += 1 + block;
    }
  });
  for (let b = 0; b < blocks; ++b) {
    next[b + 1] += next[b];
  }
  session.words(starts, blocks + 1).set(next.map((word) => word * WORD));
  forEachBlock((b, at, input) => {
    if (isOccupied(at)) {
      let word = next[b];
      words[word++] = offsets[input];
      for (let i = 0; i < block; ++i) {
        floats[word++] = values[at + i * outputStep];
      }
      next[b] = word;
    }
  });
  return {starts, runs, block, bytes};

  function forEachBlock(visit: (block: number, at: number, input: number) => void): void {
    for (let input = 0; input < inputs; ++input) {
      for (let b = 0; b < blocks; ++b) {
        visit(b, input * inputStep + b * block * outputStep, input);
      }
    }
  }
}

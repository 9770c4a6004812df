import type {KernelSession} from '../session';
import type {BlockSize, Counts, Matrix} from './matrix';

const WORD = 4;
/** Entries of a group. */
const GROUP = 4;

/** How the kernels read a sparse weight. */
export interface Form {
  readonly matrix: Matrix;
  readonly block: BlockSize;
  /** Which of the kernels: rows in tiles, one row alone, planes of an image. */
  readonly kernel: 'product' | 'vector' | 'convolution';
  /** The offset of each input, in bytes. */
  readonly offsets: () => Uint32Array;
}

/**
 * A sparse weight in a form: for each block of outputs a run of entries {offset of the
 * input, one weight for each output of the block}.
 */
export interface Encoding {
  /** Where the runs start, in bytes from `runs`, and where the last ends. */
  readonly starts: number;
  readonly runs: number;
  readonly bytes: number;
}

/** The bytes of an encoding, but for what fills groups. */
export function encodedBytes({outputs}: Matrix, counts: Counts, block: BlockSize): number {
  return (outputs / block + 1 + counts[block] * (1 + block)) * WORD;
}

/**
 * Encodes a weight. Both are in the backend's memory: nothing is copied to JavaScript's.
 *
 * @param weight The address of its numbers.
 */
export function encode(session: KernelSession, weight: number, form: Form): Encoding {
  const {matrix, block, kernel} = form;
  // Four offsets, then four weights.
  const grouped = kernel === 'vector' && block === 1;
  const {inputs, outputs, transposed} = matrix;
  const [inputStep, outputStep] = transposed ? [1, inputs] : [outputs, 1];
  const blocks = outputs / block;
  const entryWords = 1 + block;
  const before = session.floats(weight, inputs * outputs);
  // How many entries each run has, in whole groups.
  const lengths = new Uint32Array(blocks);
  forEachEntry(before, (b) => ++lengths[b]);
  const padded = grouped ? lengths.map((length) => Math.ceil(length / GROUP) * GROUP) : lengths;
  const starts = new Uint32Array(blocks + 1);
  padded.forEach((length, b) => (starts[b + 1] = starts[b] + length * entryWords));
  const bytes = (blocks + 1 + starts[blocks]) * WORD;
  const at = session.allocate(bytes);
  const runs = at + (blocks + 1) * WORD;
  // Views made before may be of memory that has moved.
  const values = session.floats(weight, inputs * outputs);
  const words = session.words(runs, starts[blocks]);
  const floats = session.floats(runs, starts[blocks]);
  session.words(at, blocks + 1).set(starts.map((word) => word * WORD));
  const offsets = form.offsets();
  const written = new Uint32Array(blocks);
  const write = (b: number, place: number, input: number) => {
    const entry = written[b]++;
    if (grouped) {
      const word = starts[b] + (entry - (entry % GROUP)) * entryWords + (entry % GROUP);
      words[word] = offsets[input];
      floats[word + GROUP] = place < 0 ? 0 : values[place];
      return;
    }
    const word = starts[b] + entry * entryWords;
    words[word] = offsets[input];
    for (let i = 0; i < block; ++i) {
      floats[word + 1 + i] = values[place + i * outputStep];
    }
  };
  // An input of the run itself fills its last group: an infinite one is no new trouble there.
  const last = new Uint32Array(blocks);
  forEachEntry(values, (b, place, input) => {
    write(b, place, input);
    last[b] = input;
  });
  padded.forEach((length, b) => {
    while (written[b] < length) {
      write(b, -1, last[b]);
    }
  });
  return {starts: at, runs, bytes};

  function forEachEntry(
    numbers: Float32Array,
    visit: (block: number, place: number, input: number) => void,
  ): void {
    for (let input = 0; input < inputs; ++input) {
      for (let b = 0; b < blocks; ++b) {
        const place = input * inputStep + b * block * outputStep;
        for (let i = 0; i < block; ++i) {
          if (numbers[place + i * outputStep] !== 0) {
            visit(b, place, input);
            break;
          }
        }
      }
    }
  }
}

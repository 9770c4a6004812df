import {PruningError} from '../../base/errors';

/** Memory for weights, which grows with what is decoded: a file may declare more than it has. */
export interface WeightMemory {
  /** The bytes in use, and such as may be used later. */
  bytes: Uint8Array<ArrayBuffer>;
  /** How many are in use. */
  length: number;
  /** How many are still to come. */
  left: number;
  /** Adds decoded bytes, no more than are left. */
  append(part: Uint8Array): void;
}

/**
 * @param name What is read; named in errors.
 * @param total Bytes of all weights, as the file declares them.
 * @param vouched Bytes that may be taken at once.
 */
export function weightMemory(name: string, total: number, vouched = 0): WeightMemory {
  const allocate = (bytes: number) => {
    try {
      return new Uint8Array(Math.min(bytes, total));
    } catch (cause) {
      throw new PruningError(name, 'memory for the weights', 'too little', {cause});
    }
  };
  const memory: WeightMemory = {
    bytes: allocate(vouched),
    length: 0,
    left: total,
    append: (part) => {
      const end = memory.length + part.length;
      if (end > memory.bytes.length) {
        const grown = allocate(2 * end);
        grown.set(memory.bytes);
        memory.bytes = grown;
      }
      memory.bytes.set(part, memory.length);
      memory.length = end;
      memory.left -= part.length;
    },
  };
  return memory;
}

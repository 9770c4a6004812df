import {PruningError} from '../../base/errors';

/** Bytes that are taken at first where nothing vouches for more. */
const FIRST_BYTES = 2 ** 24;

/** Memory for weights, which grows with what is decoded: a file may declare more than it has. */
export class WeightMemory {
  private bytes: Uint8Array<ArrayBuffer>;
  /** Bytes in use. */
  length = 0;

  /**
   * @param name What is read; named in errors.
   * @param total Bytes of all weights, as the file declares them.
   * @param vouched Bytes that may be taken at once.
   */
  constructor(
    private readonly name: string,
    private readonly total: number,
    vouched = 0,
  ) {
    this.bytes = this.allocate(Math.max(vouched, FIRST_BYTES));
  }

  /** Bytes that are still to come. */
  get left(): number {
    return this.total - this.length;
  }

  /** All weights, once they are decoded. */
  get buffer(): ArrayBuffer {
    return this.bytes.buffer;
  }

  /** Adds decoded bytes, no more than are left. */
  append(part: Uint8Array): void {
    const end = this.length + part.length;
    if (end > this.bytes.length) {
      const grown = this.allocate(2 * end);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes.set(part, this.length);
    this.length = end;
  }

  private allocate(bytes: number): Uint8Array<ArrayBuffer> {
    try {
      return new Uint8Array(Math.min(bytes, this.total));
    } catch (cause) {
      throw new PruningError(this.name, 'memory for the weights', 'too little', {cause});
    }
  }
}

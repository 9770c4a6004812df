/** Bytes that come in parts of any size, and may be made only when they are asked for. */
export type ByteParts = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Takes exact numbers of bytes from parts of any size, without a copy. */
export class ByteSource {
  /** Bytes taken so far. */
  position = 0;
  private part: Uint8Array = new Uint8Array(0);
  private readonly parts: AsyncGenerator<Uint8Array>;

  constructor(parts: ByteParts) {
    this.parts = inOrder(parts);
  }

  /** Whether there are more. */
  async more(): Promise<boolean> {
    while (this.part.length === 0) {
      const next = await this.parts.next();
      if (next.done) {
        return false;
      }
      this.part = next.value;
    }
    return true;
  }

  /** The next `count` bytes, or as many as are left. */
  async *take(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0 && (await this.more());) {
      const taken = this.part.subarray(0, left);
      this.part = this.part.subarray(taken.length);
      this.position += taken.length;
      left -= taken.length;
      yield taken;
    }
  }
}

async function* inOrder(parts: ByteParts): AsyncGenerator<Uint8Array> {
  yield* parts;
}

import {PruningError} from '../../base/errors';

/** Reads exact numbers of bytes from a stream of any parts. */
export class ByteReader {
  /** Bytes read so far. */
  position = 0;
  private part: Uint8Array = new Uint8Array(0);
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;

  /** @param name What is read; named in errors. */
  constructor(
    private readonly name: string,
    stream: ReadableStream<Uint8Array>,
  ) {
    this.reader = stream.getReader();
  }

  /** The next `count` bytes. @throws PruningError where the stream ends before. */
  async read(count: number): Promise<Uint8Array> {
    if (this.part.length >= count) {
      return this.take(count);
    }
    const parts: Uint8Array[] = [];
    for (let missing = count; missing > 0;) {
      if (!(await this.fill())) {
        throw new PruningError(this.name, `${count} more bytes`, count - missing);
      }
      const part = this.take(Math.min(missing, this.part.length));
      missing -= part.length;
      parts.push(part);
    }
    // Only now is so much memory taken: all of the bytes are there.
    const bytes = new Uint8Array(count);
    let offset = 0;
    for (const part of parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    return bytes;
  }

  /** Whether the stream has ended. */
  async atEnd(): Promise<boolean> {
    return !(await this.fill());
  }

  /** Stops a download that is of no use any more. */
  cancel(): Promise<void> {
    return this.reader.cancel().catch(() => {});
  }

  private async fill(): Promise<boolean> {
    while (this.part.length === 0) {
      const {done, value} = await this.reader.read();
      if (done) {
        return false;
      }
      this.part = value;
    }
    return true;
  }

  private take(count: number): Uint8Array {
    const taken = this.part.subarray(0, count);
    this.part = this.part.subarray(count);
    this.position += count;
    return taken;
  }
}

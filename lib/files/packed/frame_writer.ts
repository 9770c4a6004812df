/** Gathers the integers and bytes that a frame begins with. */
export class FrameWriter {
  private readonly start: number[] = [];

  /** Seven bits a byte, the lowest first; all bytes but the last have the eighth bit. */
  number(value: number): this {
    for (; value >= 128; value = Math.floor(value / 128)) {
      this.start.push((value % 128) + 128);
    }
    this.start.push(value);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    bytes.forEach((byte) => this.start.push(byte));
    return this;
  }

  /** All of it, and then `parts`. */
  finish(...parts: Uint8Array[]): Uint8Array {
    const length = parts.reduce((sum, part) => sum + part.length, this.start.length);
    const frame = new Uint8Array(length);
    frame.set(this.start);
    let offset = this.start.length;
    for (const part of parts) {
      frame.set(part, offset);
      offset += part.length;
    }
    return frame;
  }
}

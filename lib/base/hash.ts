/** FNV-1a over 32-bit words, twice from different starts. */
export class Hash {
  private first = 0x811c9dc5;
  private second = 0x01234567;

  words(words: ArrayLike<number>): void {
    for (let i = 0; i < words.length; ++i) {
      this.first = Math.imul(this.first ^ words[i], 0x01000193);
      this.second = Math.imul((this.second ^ words[i]) + (this.first >>> 15), 0x01000193);
    }
  }

  text(text: string): void {
    this.words(new TextEncoder().encode(text));
  }

  /** The bits of the numbers as float32. */
  floats(values: ArrayLike<number>): void {
    const floats = values instanceof Float32Array ? values : Float32Array.from(values);
    this.words(new Uint32Array(floats.buffer, floats.byteOffset, floats.length));
  }

  /** Takes up what another hash has seen, such that their order does not count. */
  add(other: Hash): void {
    this.first = (this.first + other.first) | 0;
    this.second = (this.second + other.second) | 0;
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    return [this.first, this.second]
      .map((half) => (half >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }
}

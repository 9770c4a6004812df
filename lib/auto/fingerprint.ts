import type {LayersModel} from '@tensorflow/tfjs-layers';

import {readWeight} from '../model/read_weight';

/**
 * A number that tells a model from others: of its layers and of all its weights,
 * to the bit. Each weight is read once.
 *
 * @returns 16 hexadecimal digits.
 */
export async function fingerprint(model: LayersModel): Promise<string> {
  const hash = new Hash();
  hash.text(JSON.stringify(model.toJSON(undefined, false)));
  for (const variable of new Set(model.weights)) {
    const {shape, dtype} = readWeight(variable);
    const values = await readWeight(variable).data();
    hash.text(`${dtype}[${shape}]`);
    hash.words(new Uint32Array(Float32Array.from(values).buffer));
  }
  return hash.digest();
}

/** FNV-1a over 32-bit words, twice from different starts. */
class Hash {
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

  digest(): string {
    return [this.first, this.second]
      .map((half) => (half >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }
}

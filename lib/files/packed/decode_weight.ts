import {PruningError} from '../../base/errors';
import {EntropyDecoder, symbolTable} from './entropy_decoder';
import {BOOK, CHUNK_WORDS, CODED, MASKED, PRECISION, ROTATED, STATE_BYTES} from './format';
import {plainBits} from './plain_bits';
import type {WeightMemory} from './weight_memory';
import {ZeroModel} from './zero_model';

/** Unsigned words of 1, 2 and 4 bytes. */
const WORDS = [Uint8Array, Uint16Array, Uint32Array] as const;

/** The words of the chunk at hand; always 32 bits, so that the loop has but one type. */
const chunk = new Uint32Array(CHUNK_WORDS);
/** Those that aren't zero: where, their symbols, and their other bits. */
const positions = new Uint32Array(CHUNK_WORDS);
const symbols = new Uint8Array(CHUNK_WORDS);
const rests = new Uint32Array(CHUNK_WORDS);

/** Decodes one weight, frame by frame, behind the weights before it. */
export class WeightDecoder {
  /** Bytes decoded so far. */
  private done = 0;
  /** Bytes of the weight. */
  readonly size: number;
  private readonly flags: number;
  private readonly table?: Int32Array;
  private readonly book?: Uint32Array;
  private readonly shift: number = 0;
  private readonly base: number = 0;
  private readonly zero: number = 0;
  private readonly zeros?: ZeroModel;
  private position = 0;

  /**
   * @param name What is read; named in errors.
   * @param frame The weight's first frame, which says how it's coded.
   * @param memory Takes what is decoded.
   */
  constructor(
    private readonly name: string,
    private frame: Uint8Array,
    private readonly memory: WeightMemory,
  ) {
    const size = this.number();
    this.size = size;
    this.flags = this.byte();
    this.check(this.flags < 64 && (this.flags & 3) < 3);
    this.check(size <= memory.left && size % this.wordBytes === 0);
    if (this.flags & CODED) {
      if (this.flags & MASKED) {
        const width = this.number();
        const density = this.number();
        this.check(width > 0 && width * this.wordBytes <= size && density < 65536);
        this.zeros = new ZeroModel(width, density);
        this.zero = this.number();
      }
      const alphabet = this.number();
      this.check(alphabet <= 256 && (alphabet > 0 || this.zeros !== undefined));
      if (this.flags & BOOK) {
        const end = this.position + alphabet * this.wordBytes;
        this.check(end <= frame.length);
        const words = frame.slice(this.position, end).buffer;
        this.book = Uint32Array.from(new WORDS[this.flags & 3](words));
        this.position = end;
      } else {
        this.shift = this.byte();
        this.base = this.number();
      }
      const frequencies = Array.from({length: alphabet}, () => this.number());
      const sum = frequencies.reduce((total, frequency) => total + frequency, 0);
      this.check(alphabet === 0 || sum === 1 << PRECISION);
      this.table = symbolTable(frequencies);
    }
    this.decode(frame);
  }

  get finished(): boolean {
    return this.done === this.size;
  }

  /** Decodes the next frame. */
  decode(frame: Uint8Array): void {
    this.frame = frame;
    const left = this.size - this.done;
    if (this.table === undefined) {
      const plain = frame.subarray(this.position);
      this.check(plain.length <= left && (plain.length > 0 || this.size === 0));
      this.append(plain);
    } else {
      const count = Math.min(left / this.wordBytes, CHUNK_WORDS);
      const plainBytes = this.number();
      this.check(this.position + plainBytes + STATE_BYTES <= frame.length);
      const decoder = new EntropyDecoder(frame.subarray(this.position + plainBytes));
      this.words(decoder, this.table, this.position, count);
      this.check(decoder.finished);
      const type = WORDS[this.flags & 3];
      const words = type === Uint32Array ? chunk : new type(chunk.subarray(0, count));
      this.append(new Uint8Array(words.buffer, 0, count * this.wordBytes));
    }
    this.position = 0;
  }

  private append(bytes: Uint8Array): void {
    this.memory.append(bytes);
    this.done += bytes.length;
  }

  private words(decoder: EntropyDecoder, table: Int32Array, plain: number, count: number): void {
    const {zeros, book, shift, base} = this;
    const others = zeros ? decoder.others(zeros, count, positions) : count;
    decoder.symbols(table, others, symbols);
    if (zeros) {
      chunk.fill(this.zero);
    }
    if (book === undefined) {
      plainBits(this.frame, plain, shift, others, rests);
    }
    const sign = this.flags & ROTATED ? 8 * this.wordBytes - 1 : 0;
    for (let i = 0; i < others; ++i) {
      let word: number;
      if (book !== undefined) {
        word = book[symbols[i]];
      } else {
        word = ((base + symbols[i]) << shift) | rests[i];
        word = sign ? (word >>> 1) | (word << sign) : word;
      }
      chunk[zeros ? positions[i] : i] = word;
    }
  }

  private get wordBytes(): number {
    return 1 << (this.flags & 3);
  }

  private byte(): number {
    this.check(this.position < this.frame.length);
    return this.frame[this.position++];
  }

  /** Seven bits a byte, the lowest first; all bytes but the last have the eighth bit. */
  private number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) {
        return value;
      }
    }
  }

  private check(condition: boolean): void {
    if (!condition) {
      throw new PruningError(this.name, 'weights that are coded as declared', 'others');
    }
  }
}

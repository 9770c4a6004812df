import {FIRST_STATE, PRECISION} from './format';

const SLOTS = 1 << PRECISION;

/** Symbols by their slots: symbol, frequency, and the slot's place among those of its symbol. */
export class SymbolTable {
  readonly symbols = new Uint8Array(SLOTS);
  readonly frequencies = new Uint16Array(SLOTS);
  readonly places = new Uint16Array(SLOTS);

  /** @throws where the frequencies' sum is not 2^12. */
  constructor(frequencies: readonly number[]) {
    let slot = 0;
    frequencies.forEach((frequency, symbol) => {
      this.symbols.fill(symbol, slot, slot + frequency);
      this.frequencies.fill(frequency, slot, slot + frequency);
      for (let place = 0; place < frequency && slot < SLOTS; ++place) {
        this.places[slot++] = place;
      }
    });
  }
}

/**
 * Reads what EntropyEncoder wrote: range asymmetric numeral systems (Duda 2013,
 * https://arxiv.org/abs/1311.2540), with a state of 31 bits and words of 16; and
 * in front of them the bits of which all values are as likely.
 */
export class EntropyDecoder {
  private state: number;
  private position: number;
  private plainBits = 0;

  /**
   * @param bytes What is read, to its end.
   * @param start Where the plain bits begin.
   * @param plainBytes How many bytes they take.
   */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly start: number,
    private readonly plainBytes: number,
  ) {
    this.position = start + plainBytes;
    this.state = this.word() | (this.word() << 16);
  }

  /** The next bit, which is 1 with a chance of `chance` / 2^12. */
  bit(chance: number): number {
    const slot = this.state & (SLOTS - 1);
    // Without a branch, that processors would so often foretell wrongly.
    const isClear = (chance - 1 - slot) >> 31;
    const frequency = (chance ^ isClear) + (isClear & (SLOTS + 1));
    this.refill(frequency * (this.state >>> PRECISION) + slot - (chance & isClear));
    return 1 + isClear;
  }

  symbol(table: SymbolTable): number {
    const slot = this.state & (SLOTS - 1);
    this.refill(table.frequencies[slot] * (this.state >>> PRECISION) + table.places[slot]);
    return table.symbols[slot];
  }

  /** The next `count` plain bits, at most 24. */
  plain(count: number): number {
    const {bytes, plainBits} = this;
    const i = this.start + (plainBits >>> 3);
    const word = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    this.plainBits += count;
    return (word >>> (plainBits & 7)) & ((1 << count) - 1);
  }

  /** Whether all has been read, and led back to where the writer began. */
  get finished(): boolean {
    return (
      this.plainBits <= 8 * this.plainBytes &&
      this.position === this.bytes.length &&
      this.state === FIRST_STATE
    );
  }

  private refill(state: number): void {
    this.state = state < FIRST_STATE ? (state << 16) | this.word() : state;
  }

  private word(): number {
    // Past the end there are zeros: the state is then not the first one at the end.
    return this.bytes[this.position++] | (this.bytes[this.position++] << 8);
  }
}

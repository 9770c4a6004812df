import {Format} from './format';

/** Steps of a word at most: zero or not, its symbol. */
const STEPS_PER_WORD = 2;
const PLAIN_BYTES_PER_WORD = 3;
/** The flag of steps of the second state. */
const SECOND = 1 << 15;
const STATES_PER_SLOT = 2 ** (31 - Format.PRECISION);

/**
 * Writes symbols by range asymmetric numeral systems (Duda 2013,
 * https://arxiv.org/abs/1311.2540). What is read first has to be written last,
 * so the steps are kept until `finish`. Bits of which all values are as likely
 * are kept apart, as they are.
 */
export class EntropyEncoder {
  /** Start, state and frequency of each step. */
  private readonly steps: Uint32Array;
  private readonly words: Uint16Array;
  private readonly plainBytes: Uint8Array;
  private count = 0;
  private symbols = 0;
  private plainBits = 0;

  /** @param words How many words are written between two calls of `finish`, at most. */
  constructor(words: number) {
    this.steps = new Uint32Array(words * STEPS_PER_WORD);
    // One a step at most, and four of the states.
    this.words = new Uint16Array(this.steps.length + 4);
    this.plainBytes = new Uint8Array(words * PLAIN_BYTES_PER_WORD + 4);
  }

  /** A bit, for a chance of `chance` / 2^12 that it is 1. */
  bit(bit: number, chance: number): void {
    this.steps[this.count++] = bit ? chance : (chance << 16) | (Format.SLOTS - chance);
  }

  /** A symbol of the slots from `start` to `start` + `frequency`, of 2^12. */
  symbol(start: number, frequency: number): void {
    const state = this.symbols++ & 1 ? SECOND : 0;
    this.steps[this.count++] = (start << 16) | state | frequency;
  }

  /** The lowest `count` bits of `value`, at most 24, as they are. */
  plain(value: number, count: number): void {
    const {plainBytes, plainBits} = this;
    const i = plainBits >>> 3;
    const bits = (value & ((1 << count) - 1)) << (plainBits & 7);
    plainBytes[i] |= bits;
    plainBytes[i + 1] = bits >>> 8;
    plainBytes[i + 2] = bits >>> 16;
    plainBytes[i + 3] = bits >>> 24;
    this.plainBits += count;
  }

  /** The plain bits and the coded symbols that were written since the last call. */
  finish(): {plain: Uint8Array; coded: Uint8Array} {
    const plain = this.plainBytes.slice(0, (this.plainBits + 7) >>> 3);
    const coded = this.encode();
    this.count = 0;
    this.symbols = 0;
    this.plainBits = 0;
    this.plainBytes[0] = 0;
    return {plain, coded};
  }

  private encode(): Uint8Array {
    const {steps, words} = this;
    const states = Int32Array.of(Format.FIRST_STATE, Format.FIRST_STATE);
    let used = 0;
    for (let i = this.count - 1; i >= 0; --i) {
      const start = steps[i] >>> 16;
      const frequency = steps[i] & (SECOND - 1);
      const which = steps[i] & SECOND ? 1 : 0;
      let state = states[which];
      // The state after this step must stay below 2^31.
      if (state >= frequency * STATES_PER_SLOT) {
        words[used++] = state;
        state >>>= 16;
      }
      const quotient = Math.floor(state / frequency);
      states[which] = (quotient << Format.PRECISION) + state - quotient * frequency + start;
    }
    for (const state of states.reverse()) {
      words[used++] = state >>> 16;
      words[used++] = state;
    }
    const coded = words.slice(0, used).reverse();
    return new Uint8Array(coded.buffer);
  }
}

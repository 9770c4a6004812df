import {FIRST_STATE, PRECISION} from './format';
import {
  chanceOf,
  contextOf,
  firstShare,
  nextColumn,
  nextContext,
  nextRow,
  type ZeroModel,
} from './zero_model';

const SLOTS = 1 << PRECISION;

/** Symbols by their slots: symbol, frequency, and the slot's place among those of its symbol. */
export class SymbolTable {
  readonly symbols = new Uint8Array(SLOTS);
  readonly frequencies = new Uint16Array(SLOTS);
  readonly places = new Uint16Array(SLOTS);

  /** @param frequencies Of the symbols; their sum is 2^12. */
  constructor(frequencies: readonly number[]) {
    let slot = 0;
    frequencies.forEach((frequency, symbol) => {
      for (let place = 0; place < frequency; ++place) {
        this.symbols[slot] = symbol;
        this.frequencies[slot] = frequency;
        this.places[slot++] = place;
      }
    });
  }
}

/**
 * Reads what EntropyEncoder wrote: range asymmetric numeral systems (Duda 2013,
 * https://arxiv.org/abs/1311.2540), with a state of 31 bits and words of 16. The
 * loops have all their variables at hand: as fields they take twice as long.
 */
export class EntropyDecoder {
  private readonly bytes: Uint8Array;
  private state: number;

  /**
   * @param source What is read, to its end.
   * @param position From where.
   */
  constructor(
    private readonly source: Uint8Array,
    private position: number,
  ) {
    // The loops look two bytes ahead.
    this.bytes = new Uint8Array(source.length + 6);
    this.bytes.set(source);
    this.state = new DataView(this.bytes.buffer).getInt32(position, true);
    this.position += 4;
  }

  /**
   * Reads which of the next `count` words are other than zero.
   *
   * @param positions Their positions, by which this many of them come first.
   * @returns How many there are.
   */
  others(model: ZeroModel, count: number, positions: Uint32Array): number {
    const {bytes} = this;
    const {columns, contexts} = model;
    const width = columns.length;
    let {state, position} = this;
    let {row, column} = model;
    let found = 0;
    for (let i = 0; i < count; ++i) {
      const density = columns[column];
      const context = contextOf(row, density);
      let share = contexts[context];
      if (share < 0) {
        share = firstShare(row);
      }
      const chance = chanceOf(share);
      const slot = state & (SLOTS - 1);
      const high = state >>> PRECISION;
      if (slot < chance) {
        state = chance * high + slot;
        positions[found++] = i;
        contexts[context] = nextContext(share, 1);
        columns[column] = nextColumn(density, 1);
        row = nextRow(row, 1);
      } else {
        state = (SLOTS - chance) * high + slot - chance;
        contexts[context] = nextContext(share, 0);
        columns[column] = nextColumn(density, 0);
        row = nextRow(row, 0);
      }
      if (state < FIRST_STATE) {
        state = (state << 16) | bytes[position] | (bytes[position + 1] << 8);
        position += 2;
      }
      if (++column === width) {
        column = 0;
      }
    }
    model.row = row;
    model.column = column;
    this.state = state;
    this.position = position;
    return found;
  }

  /** Reads `count` symbols. */
  symbols(table: SymbolTable, count: number, into: Uint8Array): void {
    const {bytes} = this;
    const {symbols, frequencies, places} = table;
    let {state, position} = this;
    for (let i = 0; i < count; ++i) {
      const slot = state & (SLOTS - 1);
      into[i] = symbols[slot];
      state = frequencies[slot] * (state >>> PRECISION) + places[slot];
      // Without a branch, which would too often be foretold wrongly.
      const isLow = (state - FIRST_STATE) >> 31;
      state = (state << (isLow & 16)) | (isLow & (bytes[position] | (bytes[position + 1] << 8)));
      position += isLow & 2;
    }
    this.state = state;
    this.position = position;
  }

  /** Whether all has been read, and led back to where the writer began. */
  get finished(): boolean {
    return this.position === this.source.length && this.state === FIRST_STATE;
  }
}

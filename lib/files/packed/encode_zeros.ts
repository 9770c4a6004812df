import type {EntropyEncoder} from './entropy_encoder';
import {
  chanceOf,
  contextOf,
  firstShare,
  nextColumn,
  nextContext,
  nextRow,
  type ZeroModel,
} from './zero_model';

/** Writes which of `words` are other than `zero`; goes on where the last call ended. */
export function encodeZeros(
  encoder: EntropyEncoder,
  model: ZeroModel,
  words: ArrayLike<number>,
  zero: number,
): void {
  model.reserve(words.length);
  const {columns, contexts, width} = model;
  let {row, column} = model;
  for (let i = 0; i < words.length; ++i) {
    const other = words[i] === zero ? 0 : 1;
    const context = contextOf(row, columns[column]);
    const share = contexts[context] < 0 ? firstShare(row) : contexts[context];
    encoder.bit(other, chanceOf(share));
    contexts[context] = nextContext(share, other);
    columns[column] = nextColumn(columns[column], other);
    row = nextRow(row, other);
    column = column + 1 < width ? column + 1 : 0;
  }
  model.row = row;
  model.column = column;
}
